// The Linux capabilities of the calling thread. Each thread has its own.
#pragma once

namespace cavra::local_worm {

// Whether this thread has the capability (CAP_…, from <linux/capability.h>) in force. Having it is
// not enough: it must be that of the initial user namespace, which only trying shows.
[[nodiscard]] bool has_capability(unsigned capability);

// Puts CAP_LINUX_IMMUTABLE of this thread out of force while it lives. One thread's.
class WithoutImmutable {
 public:
  WithoutImmutable();
  ~WithoutImmutable();
  WithoutImmutable(const WithoutImmutable&) = delete;
  WithoutImmutable& operator=(const WithoutImmutable&) = delete;

 private:
  bool was_there_;
};

}  // namespace cavra::local_worm
