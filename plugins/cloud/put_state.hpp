// PutState is what an opening has for all of its puts.
//
// Any thread.
#pragma once

#include <filesystem>
#include <string_view>

#include "cloud/connection_budget.hpp"
#include "cloud/known_keys.hpp"
#include "cloud/upload_notes.hpp"

namespace cavra::cloud {

struct PutState {
  // An empty `state_folder`: uploads are not remembered.
  PutState(std::string_view state_folder, unsigned sessions)
      : notes(state_folder.empty() ? std::filesystem::path()
                                   : std::filesystem::path(state_folder) / "uploads"),
        connections(sessions) {}

  KnownKeys known_keys;
  UploadNotes notes;
  ConnectionBudget connections;
};

}  // namespace cavra::cloud
