#pragma once

namespace grape::actors {

/// When a thread gets a processor, where others want one too.
enum class urgency {
  prompt,     ///< At once when it wakes, and then for a short while: it mostly waits for a device.
  ordinary,   ///< As the system does it.
  patient,    ///< As much as others in the long run, but whoever wakes up goes first.
  background, ///< A tenth of what others get, and what they leave: it does not starve.
  idle,       ///< What others leave: it starves beside those who never sleep.
};

/// Of the calling thread alone. Best effort: what the kernel does not know stays as it was.
void set_urgency(urgency wanted) noexcept;

} // namespace grape::actors
