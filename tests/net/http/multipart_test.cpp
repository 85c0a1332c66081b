#include "net/http/multipart.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::http;

namespace {

constexpr std::string_view kind = "multipart/form-data; boundary=XyZ";
constexpr std::string_view body =
    "--XyZ\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nsmall\r\n"
    "--XyZ\r\ncontent-disposition: form-data; filename=\"snapshot\"; name=\"snapshot\"\r\n"
    "Content-Type: application/octet-stream\r\n\r\nany\r\n--Xy bytes\r\n--XyZ--\r\n";

} // namespace

TEST_SUITE("net.http.multipart") {
  TEST_CASE("fields are found by their names") {
    CHECK(*multipart_field(body, kind, "note") == "small");
    CHECK(*multipart_field(body, kind, "snapshot") == "any\r\n--Xy bytes");
    CHECK(*multipart_field(body, "Multipart/Form-Data; boundary=\"XyZ\"", "note") == "small");
  }

  TEST_CASE("what does not fit is refused") {
    CHECK_FALSE(multipart_field(body, kind, "other").ok());
    CHECK_FALSE(multipart_field(body, "application/json", "note").ok());
    CHECK_FALSE(multipart_field(body, "multipart/form-data", "note").ok());
    CHECK_FALSE(multipart_field(body, "multipart/form-data; boundary=Abc", "note").ok());
    CHECK_FALSE(multipart_field("", kind, "note").ok());
  }

  TEST_CASE("a body that is cut anywhere gives no part of a field") {
    for (std::size_t length = 0; length < body.size(); ++length)
      if (const auto found = multipart_field(body.substr(0, length), kind, "snapshot"))
        CHECK(*found == "any\r\n--Xy bytes");
  }
}
