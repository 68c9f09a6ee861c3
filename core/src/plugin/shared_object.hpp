// load_shared_object() gives a checked plugin file to the dynamic loader.
//
// Runs the plugin's constructors. What is loaded stays loaded until the process ends, and so does
// its memfd open: the loader knows libraries by name, and "/proc/self/fd/7" of a descriptor that
// was closed and opened again would answer with the earlier library. Any thread.
#pragma once

#include <string>

#include "cavra/plugin.h"
#include "cavra/support/file_descriptor.hpp"
#include "cavra/support/result.hpp"

namespace cavra::plugin {

struct PluginEntry {
  cavra_plugin_get_fn get = nullptr;
};

// Gives the plugin's one entry. The same bytes, by their hash, are loaded once. Errors: usage, with
// what the loader says.
[[nodiscard]] Result<PluginEntry> load_shared_object(FileDescriptor memfd,
                                                     const std::string& sha256);

}  // namespace cavra::plugin
