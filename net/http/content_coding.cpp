#include "net/http/content_coding.hpp"

#include "core/check.hpp"

#include <zlib.h>

#include <algorithm>
#include <charconv>

namespace grape::http {

namespace {

constexpr int window_bits = 15;
constexpr int gzip_wrapping = 16;
constexpr int any_wrapping = 32; ///< gzip's and zlib's, told apart by their first bytes.
constexpr std::size_t first_room = 64 << 10;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

bool is_same_word(std::string_view one, std::string_view other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(), [](char a, char b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : int{c}; };
    return lower(a) == lower(b);
  });
}

/// What `;q=0.5` says, 0..1; 1 without it. What cannot be read counts as 0.
double quality_of(std::string_view parameters) {
  const auto equals = parameters.find('=');
  if (equals == std::string_view::npos || !is_same_word(trimmed(parameters.substr(0, equals)), "q"))
    return 1;
  const auto text = trimmed(parameters.substr(equals + 1));
  double quality = 0;
  std::from_chars(text.data(), text.data() + text.size(), quality);
  return std::clamp(quality, 0.0, 1.0);
}

const Bytef* bytes_of(std::string_view text) {
  return reinterpret_cast<const Bytef*>(text.data());
}

/// A stream that is ended when it goes.
struct inflating {
  inflating() { GRAPE_CHECK(::inflateInit2(&stream, window_bits + any_wrapping) == Z_OK); }
  ~inflating() { ::inflateEnd(&stream); }
  inflating(const inflating&) = delete;
  inflating& operator=(const inflating&) = delete;

  z_stream stream{};
};

status not_compressed() {
  return {errc::malformed, "the body is not what its Content-Encoding says"};
}

} // namespace

std::string_view to_string(content_coding of) noexcept {
  switch (of) {
    case content_coding::identity: return "identity";
    case content_coding::gzip: return "gzip";
    case content_coding::deflate: return "deflate";
  }
  return "identity";
}

std::optional<content_coding> coding_named(std::string_view name) {
  name = trimmed(name);
  if (name.empty() || is_same_word(name, "identity"))
    return content_coding::identity;
  if (is_same_word(name, "gzip") || is_same_word(name, "x-gzip"))
    return content_coding::gzip;
  return is_same_word(name, "deflate") ? std::optional{content_coding::deflate} : std::nullopt;
}

content_coding best_coding(std::string_view accepted) {
  std::optional<double> gzip;
  std::optional<double> deflate;
  std::optional<double> plain;
  double others = 0;
  while (!accepted.empty()) {
    const auto comma = std::min(accepted.find(','), accepted.size());
    const auto one = accepted.substr(0, comma);
    accepted.remove_prefix(std::min(comma + 1, accepted.size()));
    const auto mark = std::min(one.find(';'), one.size());
    const auto quality = quality_of(one.substr(std::min(mark + 1, one.size())));
    const auto name = trimmed(one.substr(0, mark));
    const auto coding = coding_named(name);
    if (name == "*")
      others = quality;
    else if (!name.empty() && coding == content_coding::gzip)
      gzip = quality;
    else if (!name.empty() && coding == content_coding::deflate)
      deflate = quality;
    else if (!name.empty() && coding == content_coding::identity)
      plain = quality;
  }
  const auto best = std::max(gzip.value_or(others), deflate.value_or(others));
  if (best <= 0 || best < plain.value_or(0))
    return content_coding::identity;
  return gzip.value_or(others) == best ? content_coding::gzip : content_coding::deflate;
}

std::string compressed(std::string_view body, content_coding how) {
  GRAPE_CHECK(how != content_coding::identity);
  const auto wrapping = how == content_coding::gzip ? gzip_wrapping : 0;
  z_stream stream{};
  GRAPE_CHECK(::deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, window_bits + wrapping, 8,
                             Z_DEFAULT_STRATEGY)
              == Z_OK);
  std::string made(::deflateBound(&stream, static_cast<uLong>(body.size())), '\0');
  // zlib counts in 32 bits: more goes in and comes out in pieces.
  constexpr std::size_t piece_max = std::size_t{1} << 30;
  std::size_t in = 0;
  std::size_t out = 0;
  for (int said = Z_OK; said != Z_STREAM_END;) {
    const auto taken = std::min(piece_max, body.size() - in);
    const auto room = std::min(piece_max, made.size() - out);
    stream.next_in = const_cast<Bytef*>(bytes_of(body.substr(in)));
    stream.avail_in = static_cast<uInt>(taken);
    stream.next_out = reinterpret_cast<Bytef*>(made.data() + out);
    stream.avail_out = static_cast<uInt>(room);
    said = ::deflate(&stream, in + taken == body.size() ? Z_FINISH : Z_NO_FLUSH);
    GRAPE_CHECK(said == Z_OK || said == Z_STREAM_END);
    in += taken - stream.avail_in;
    out += room - stream.avail_out;
  }
  ::deflateEnd(&stream);
  made.resize(out);
  return made;
}

outcome<std::string> decompressed(std::string_view body, std::uint64_t bytes_max,
                                  const std::function<bool(std::size_t)>& grows) {
  if (body.size() >= UINT32_MAX)
    return status{errc::too_large, "the compressed body is too large"};
  inflating from;
  from.stream.next_in = const_cast<Bytef*>(bytes_of(body));
  from.stream.avail_in = static_cast<uInt>(body.size());
  std::string made;
  std::size_t used = 0;
  for (;;) {
    if (used == made.size()) {
      if (used > bytes_max)
        return status{errc::too_large, "the body is larger than allowed"};
      // One byte over the limit tells that it is passed.
      const auto wanted = std::max(first_room, 2 * made.size());
      made.resize(std::min<std::uint64_t>(wanted, bytes_max + 1));
      if (!grows(made.size()))
        return status{errc::overloaded, "too many bytes of requests in flight"};
    }
    const auto room = std::min<std::size_t>(made.size() - used, UINT32_MAX / 2);
    from.stream.next_out = reinterpret_cast<Bytef*>(made.data() + used);
    from.stream.avail_out = static_cast<uInt>(room);
    const auto said = ::inflate(&from.stream, Z_NO_FLUSH);
    used += room - from.stream.avail_out;
    if (said == Z_STREAM_END) {
      if (from.stream.avail_in == 0)
        break;
      if (::inflateReset(&from.stream) != Z_OK) // Another member of gzip's follows.
        return not_compressed();
    } else if (said != Z_OK || (from.stream.avail_in == 0 && from.stream.avail_out > 0)) {
      return not_compressed();
    }
  }
  if (used > bytes_max)
    return status{errc::too_large, "the body is larger than allowed"};
  made.resize(used);
  return made;
}

} // namespace grape::http
