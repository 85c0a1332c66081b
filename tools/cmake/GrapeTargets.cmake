# The few verbs with which every folder describes itself to CMake.

find_package(Threads REQUIRED)

# Flags for our own code only; never exported to whoever links us.
add_library(grape_warnings INTERFACE)
target_compile_options(grape_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wswitch-enum
  $<$<BOOL:${GRAPE_WARNINGS_AS_ERRORS}>:-Werror>)

# grape_library(core): the static library grape_core with the alias grape::core.
function(grape_library name)
  add_library(grape_${name} STATIC)
  add_library(grape::${name} ALIAS grape_${name})
  set_target_properties(grape_${name} PROPERTIES
    EXPORT_NAME ${name}
    VERIFY_INTERFACE_HEADER_SETS ON)
  target_compile_features(grape_${name} PUBLIC cxx_std_20)
  target_link_libraries(grape_${name} PRIVATE $<BUILD_INTERFACE:grape_warnings>)
  target_sources(grape_${name} PUBLIC
    FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}")
endfunction()

# grape_add(core HEADERS a.hpp SOURCES a.cpp): files of the calling folder for a library.
function(grape_add library)
  cmake_parse_arguments(add "" "" "HEADERS;SOURCES" ${ARGN})
  list(TRANSFORM add_HEADERS PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/")
  list(TRANSFORM add_SOURCES PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/")
  target_sources(grape_${library} PRIVATE ${add_SOURCES})
  target_sources(grape_${library} PUBLIC
    FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES ${add_HEADERS})
endfunction()

# grape_add_for_isas(core walk): the loops of walk_portable.cpp and, where the compiler can, of
# walk_avx2.cpp and walk_avx512.cpp with the flags of their instruction sets. Which one runs is
# decided at run time by whoever sees GRAPE_HAS_X86_SETS (or GRAPE_HAS_NEON, for walk_neon.cpp).
function(grape_add_for_isas library stem)
  set(portable "${CMAKE_CURRENT_SOURCE_DIR}/${stem}_portable.cpp")
  set(avx2 "${CMAKE_CURRENT_SOURCE_DIR}/${stem}_avx2.cpp")
  set(avx512 "${CMAKE_CURRENT_SOURCE_DIR}/${stem}_avx512.cpp")
  target_sources(grape_${library} PRIVATE ${portable})
  set_source_files_properties(${portable} TARGET_DIRECTORY grape_${library}
    PROPERTIES COMPILE_OPTIONS "-O3")
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    target_sources(grape_${library} PRIVATE ${avx2} ${avx512})
    set_source_files_properties(${avx2} TARGET_DIRECTORY grape_${library}
      PROPERTIES COMPILE_OPTIONS "-O3;-mavx2;-mfma")
    # GCC 12 finds variables uninitialized that its own avx512fintrin.h leaves so on purpose.
    set(flags -O3 -mavx2 -mfma -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni
      -mavx512vpopcntdq -Wno-uninitialized -Wno-maybe-uninitialized)
    set_source_files_properties(${avx512} TARGET_DIRECTORY grape_${library}
      PROPERTIES COMPILE_OPTIONS "${flags}")
    target_compile_definitions(grape_${library} PRIVATE GRAPE_HAS_X86_SETS=1)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    set(neon "${CMAKE_CURRENT_SOURCE_DIR}/${stem}_neon.cpp")
    target_sources(grape_${library} PRIVATE ${neon})
    set_source_files_properties(${neon} TARGET_DIRECTORY grape_${library}
      PROPERTIES COMPILE_OPTIONS "-O3;-march=armv8.2-a+dotprod")
    target_compile_definitions(grape_${library} PRIVATE GRAPE_HAS_NEON=1)
  endif()
endfunction()

# grape_test(core_codec SOURCES frame_test.cpp LIBRARIES grape::core [LABELS slow]): a doctest
# program and its ctest entry of the same name.
function(grape_test name)
  cmake_parse_arguments(test "" "TIMEOUT" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  add_executable(test_${name} ${test_SOURCES})
  target_link_libraries(test_${name} PRIVATE grape_test_main grape_warnings ${test_LIBRARIES})
  target_include_directories(test_${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_compile_definitions(test_${name} PRIVATE
    GRAPE_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data")
  add_test(NAME ${name} COMMAND test_${name})
  if(NOT test_TIMEOUT)
    set(test_TIMEOUT 300)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${test_TIMEOUT} LABELS "${test_LABELS}")
endfunction()
