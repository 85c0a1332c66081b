# cmake --install: libraries, headers and the package that find_package(Grape) finds.
#
# Ours lie below include/grape, so that nobody else's "core/..." is shadowed; what hosts include is
# <grape/database.hpp>.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(grape_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/Grape")

install(TARGETS grape_core grape_net grape_config grape_actors EXPORT grape-targets
  FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/grape")
install(TARGETS grape_embed EXPORT grape-targets
  FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/grape"
  FILE_SET embed_headers DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT grape-targets NAMESPACE grape:: DESTINATION "${grape_package_dir}")

configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/GrapeConfig.cmake.in"
  "${CMAKE_CURRENT_BINARY_DIR}/GrapeConfig.cmake"
  INSTALL_DESTINATION "${grape_package_dir}")
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/GrapeConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${CMAKE_CURRENT_BINARY_DIR}/GrapeConfig.cmake"
  "${CMAKE_CURRENT_BINARY_DIR}/GrapeConfigVersion.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/FindCAF.cmake"
  DESTINATION "${grape_package_dir}")
