#include "core/payload/datetime.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace grape::payload {

namespace {

/// Takes things off the front of a text; after a miss nothing more fits.
class reader {
public:
  explicit reader(std::string_view text)
    : rest_(text) {}

  bool done() const noexcept { return ok_ && rest_.empty(); }
  bool ok() const noexcept { return ok_; }
  char peek() const noexcept { return rest_.empty() ? '\0' : rest_.front(); }

  /// A number of `least` to `most` digits that is at most `limit`.
  int number(int least, int most, int limit) noexcept {
    int value = 0;
    int digits = 0;
    for (; digits < most && peek() >= '0' && peek() <= '9'; ++digits) {
      value = value * 10 + (peek() - '0');
      rest_.remove_prefix(1);
    }
    ok_ = ok_ && digits >= least && value <= limit;
    return value;
  }

  bool take(char wanted) noexcept {
    if (peek() != wanted || rest_.empty())
      return false;
    rest_.remove_prefix(1);
    return true;
  }

  void need(char wanted) noexcept { ok_ = take(wanted) && ok_; }

private:
  std::string_view rest_;
  bool ok_ = true;
};

/// "12:30", "12:30:15", "12:30:15.123456", in microseconds.
std::int64_t time_of_day(reader& in) noexcept {
  std::int64_t seconds = in.number(1, 2, 23) * 3'600LL;
  in.need(':');
  seconds += in.number(1, 2, 59) * 60LL;
  if (!in.take(':'))
    return seconds * 1'000'000;
  seconds += in.number(1, 2, 60); // 60: a leap second.
  std::int64_t fraction = 0;
  if (in.take('.')) {
    std::int64_t weight = 100'000;
    for (int digits = 0; digits == 0 || (in.peek() >= '0' && in.peek() <= '9'); ++digits) {
      fraction += in.number(1, 1, 9) * weight;
      weight /= 10;
      if (!in.ok())
        break;
    }
  }
  return seconds * 1'000'000 + fraction;
}

/// "Z", "+02:00", "+0200", "+02" or nothing, in microseconds.
std::int64_t offset(reader& in) noexcept {
  if (in.take('Z') || in.take('z'))
    return 0;
  const auto east = in.take('+');
  if (!east && !in.take('-'))
    return 0;
  std::int64_t minutes = in.number(2, 2, 23) * 60LL;
  if (in.take(':') || in.peek() != '\0')
    minutes += in.number(2, 2, 59);
  return (east ? minutes : -minutes) * 60'000'000;
}

} // namespace

std::optional<std::int64_t> parse_datetime(std::string_view text) noexcept {
  using namespace std::chrono;
  reader in{text};
  const auto y = in.number(4, 4, 9999);
  in.need('-');
  const auto m = in.number(1, 2, 12);
  in.need('-');
  const auto d = in.number(1, 2, 31);
  const year_month_day date{year{y}, month{static_cast<unsigned>(m)},
                            day{static_cast<unsigned>(d)}};
  if (!in.ok() || !date.ok())
    return std::nullopt;
  std::int64_t time = 0;
  if (in.take('T') || in.take('t') || in.take(' ')) {
    time = time_of_day(in);
    time -= offset(in);
  }
  if (!in.done())
    return std::nullopt;
  return duration_cast<microseconds>(sys_days{date}.time_since_epoch()).count() + time;
}

std::string datetime_text(std::int64_t micros) {
  using namespace std::chrono;
  const sys_time<microseconds> moment{microseconds{micros}};
  const auto midnight = floor<days>(moment);
  const year_month_day date{midnight};
  const auto in_day = (moment - midnight).count();
  const auto second = in_day / 1'000'000;
  std::array<char, 48> text{};
  const auto used =
      std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d",
                    static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                    static_cast<unsigned>(date.day()), static_cast<int>(second / 3'600),
                    static_cast<int>(second / 60 % 60), static_cast<int>(second % 60));
  std::string made{text.data(), static_cast<std::size_t>(used)};
  if (const auto fraction = in_day % 1'000'000; fraction != 0) {
    auto digits = std::to_string(1'000'000 + fraction).substr(1);
    digits.erase(digits.find_last_not_of('0') + 1);
    made += '.' + digits;
  }
  return made + 'Z';
}

} // namespace grape::payload
