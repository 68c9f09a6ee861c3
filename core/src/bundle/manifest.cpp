#include "bundle/manifest.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "bundle/member_path.hpp"
#include "bundle/object_source.hpp"
#include "bundle/signature_json.hpp"
#include "cavra/support/encoding.hpp"
#include "cavra/verify.hpp"

namespace cavra {
namespace {

// The canonical form is never longer than a manifest in v1's own layout, but escapes may make it
// longer than the manifest given: up to six bytes for one.
constexpr std::size_t kMaxCanonicalBytes = 2 * kMaxManifestBytes;

std::string place(const std::string& pointer) {
  return std::string(kManifestName) + '#' + pointer;
}

// Takes the pieces of the document as they come.
class Reader {
 public:
  // The canonical form is about as long as the file: room for it is taken once, not by doubling.
  Reader(Manifest& manifest, FindingList& findings, std::uint64_t file_bytes,
         const EntryTaker& on_entry)
      : findings_(findings), on_entry_(on_entry), manifest_(manifest) {
    files_.reserve(file_bytes);
  }

  Result<void> take_entry(std::size_t index, const JsonValue& value) {
    if (index >= kMaxMembers)
      return Error{ErrorCode::corrupt,
                   "it lists more than " + std::to_string(kMaxMembers) + " files"};
    if (index > 0) files_ += ", ";
    files_ += canonical_json(value);
    ManifestEntry& entry =
        manifest_.entries.emplace_back(read_entry(child_pointer("/files", index), value));
    if (entry.is_sound && on_entry_) on_entry_(index, entry);
    return check_canonical_size(files_.size());
  }

  Result<void> take_member(const std::string& name, const JsonValue& value) {
    if (name == "signature") {
      manifest_.facts.signature_json = value;
      read_signature_member(value);
      return {};
    }
    if (name == "schema_version") check_constant(name, value, kManifestSchema);
    if (name == "product") check_constant(name, value, "CAVRA");
    if (name == "created_at") read_created_at(value);
    if (name == "signer") read_signer(value);
    if (name == "files")
      add("manifest.files", "/files",
          std::string("\"files\" must be an array, and is a value of type ") + value.type_name());
    std::string text = canonical_json(value);
    pieces_bytes_ += text.size();
    pieces_.emplace(name, std::move(text));
    return check_canonical_size(pieces_bytes_);
  }

  void begin_files() { has_files_ = true; }

  void finish() {
    if (has_files_) {
      if (manifest_.entries.empty()) add("manifest.files", "/files", "it lists no file");
      pieces_.emplace("files", std::move(files_ += ']'));
    }
    for (const auto& [name, code] : kRequired) {
      if (!pieces_.contains(std::string(name)))
        add(code, "", "the member " + quoted(name) + " is missing");
    }
    if (!has_signature_member_)
      add("manifest.signature", "", "the member \"signature\" is missing: nobody signed this");
    manifest_.canonical = join_pieces();
    check_paths();
  }

 private:
  struct Required {
    std::string_view name;
    const char* code;
  };
  static constexpr std::array kRequired{
      Required{"schema_version", "manifest.schema"}, Required{"product", "manifest.product"},
      Required{"created_at", "manifest.created_at"}, Required{"signer", "manifest.signer"},
      Required{"files", "manifest.files"},
  };

  void add(const char* code, const std::string& pointer, const std::string& problem) {
    findings_.add(kManifestRank, Finding{code, place(pointer),
                                         problem + "; get the bundle as its signer made it"});
  }

  Result<void> check_canonical_size(std::size_t bytes) const {
    if (bytes <= kMaxCanonicalBytes) return {};
    return Error{ErrorCode::corrupt, "its canonical form is longer than " +
                                         std::to_string(kMaxCanonicalBytes) + " bytes"};
  }

  void check_constant(const std::string& name, const JsonValue& value, std::string_view wanted) {
    if (value.if_string() != nullptr && *value.if_string() == wanted) return;
    add(name == "product" ? "manifest.product" : "manifest.schema", child_pointer("", name),
        '"' + name + "\" must be " + quoted(wanted) + describe(value));
  }

  static std::string describe(const JsonValue& value) {
    if (const std::string* text = value.if_string()) return ", and is " + quoted(*text, 100);
    return std::string(", and is a value of type ") + value.type_name();
  }

  void read_created_at(const JsonValue& value) {
    const std::string* text = value.if_string();
    auto at = text == nullptr ? Result<OffsetTimestamp>(Error{}) : parse_rfc3339(*text);
    if (!at) {
      return add("manifest.created_at", "/created_at",
                 "\"created_at\" must be an RFC 3339 time with a zone" + describe(value));
    }
    manifest_.facts.created_at = *at;
    manifest_.facts.created_at_text = *text;
    manifest_.has_created_at = true;
  }

  void read_signer(const JsonValue& value) {
    if (const std::string* text = value.if_string()) {
      manifest_.facts.signer = *text;
    } else {
      add("manifest.signer", "/signer", "\"signer\" must be a text" + describe(value));
    }
  }

  void read_signature_member(const JsonValue& value) {
    has_signature_member_ = true;
    Findings problems;
    manifest_.facts.signature = read_signature(value, problems);
    manifest_.has_signature = problems.empty();
    findings_.add(kManifestRank, std::move(problems));
  }

  ManifestEntry read_entry(const std::string& pointer, const JsonValue& value) {
    ManifestEntry entry;
    if (!value.is_object()) {
      add("manifest.entry", pointer, "an entry of \"files\" must be an object" + describe(value));
      return entry;
    }
    const bool has_path = read_path(pointer, value, entry);
    const bool has_digest = read_digest(pointer, value, entry);
    const bool has_bytes = read_bytes(pointer, value, entry);
    entry.is_sound = has_path && has_digest && has_bytes;
    return entry;
  }

  bool read_path(const std::string& pointer, const JsonValue& value, ManifestEntry& entry) {
    const JsonValue* member = value.find("path");
    const std::string* path = member == nullptr ? nullptr : member->if_string();
    if (path == nullptr) {
      add("manifest.path", pointer, "an entry of \"files\" needs a text \"path\"");
      return false;
    }
    std::string why = why_no_member_path(*path);
    if (why.empty() && *path == kManifestName) why = "is the manifest's own name";
    if (!why.empty()) {
      add("manifest.path", pointer + "/path", "the path " + quoted(*path) + ' ' + why);
      return false;
    }
    entry.path = *path;
    return true;
  }

  bool read_digest(const std::string& pointer, const JsonValue& value, ManifestEntry& entry) {
    const JsonValue* member = value.find("sha256");
    const std::string* text = member == nullptr ? nullptr : member->if_string();
    const auto digest =
        text != nullptr && text->size() == 64 ? Digest::from_hex(*text) : std::optional<Digest>();
    if (digest) {
      entry.sha256 = *digest;
      return true;
    }
    add("manifest.sha256", pointer + (member == nullptr ? "" : "/sha256"),
        "an entry of \"files\" needs 64 lower-case hex digits in \"sha256\"");
    return false;
  }

  bool read_bytes(const std::string& pointer, const JsonValue& value, ManifestEntry& entry) {
    const JsonValue* member = value.find("bytes");
    const std::int64_t* bytes = member == nullptr ? nullptr : member->if_integer();
    if (bytes != nullptr && *bytes >= 0) {
      entry.bytes = static_cast<std::uint64_t>(*bytes);
      return true;
    }
    add("manifest.bytes", pointer + (member == nullptr ? "" : "/bytes"),
        "an entry of \"files\" needs an integer from 0 up in \"bytes\"");
    return false;
  }

  // Python's json.dumps(sort_keys=True) of the whole, from the pieces: they are sorted by byte,
  // which is by code point.
  std::string join_pieces() {
    std::string text = "{";
    text.reserve(pieces_bytes_ + 1024);
    for (auto piece = pieces_.begin(); piece != pieces_.end(); piece = pieces_.erase(piece)) {
      if (text.size() > 1) text += ", ";
      text += canonical_json(JsonValue(piece->first)) + ": ";
      text += piece->second;
    }
    return text += '}';
  }

  void check_paths() {
    std::vector<std::string_view> paths;
    paths.reserve(manifest_.entries.size());
    for (const ManifestEntry& entry : manifest_.entries)
      paths.push_back(entry.path);
    for (const PathTwins& twins : find_path_twins(paths)) {
      if (paths[twins.first].empty()) continue;  // two paths that were told already
      manifest_.entries[twins.second].is_sound = false;
      add("manifest.twin", child_pointer("/files", twins.second) + "/path",
          "the path " + quoted(paths[twins.second]) + ' ' + std::string(twins.why) +
              " (see entry " + std::to_string(twins.first) + ", " + quoted(paths[twins.first]) +
              ')');
    }
    if (has_files_ && std::ranges::find(paths, kEvidenceName) == paths.end())
      add("manifest.evidence", "/files", "it does not list evidence.json");
  }

  FindingList& findings_;
  const EntryTaker& on_entry_;
  Manifest& manifest_;
  std::string files_ = "[";
  std::map<std::string, std::string> pieces_;  // canonical, without `signature`
  std::size_t pieces_bytes_ = 0;
  bool has_files_ = false;
  bool has_signature_member_ = false;
};

Finding open_finding(const FileProblem& problem) {
  const char* code = "manifest.unreadable";
  switch (problem.kind) {
    case FileProblem::Kind::missing:
      code = "manifest.missing";
      break;
    case FileProblem::Kind::link:
      code = "manifest.link";
      break;
    case FileProblem::Kind::mount:
      code = "manifest.mount";
      break;
    case FileProblem::Kind::not_regular:
      code = "manifest.kind";
      break;
    case FileProblem::Kind::unreadable:
      break;
  }
  return {code, std::string(kManifestName), "the manifest " + problem.message};
}

Finding read_finding(const Error& error) {
  if (error.code == ErrorCode::corrupt) {
    return {"manifest.syntax", std::string(kManifestName),
            "the manifest cannot be parsed: " + error.message +
                "; get the bundle as its signer made it"};
  }
  return {"manifest.unreadable", std::string(kManifestName),
          "the manifest cannot be read: " + error.message};
}

Result<void> stream_manifest(ByteSource& bytes, Reader& reader) {
  JsonObjectSource object(bytes);
  const JsonStreamHandler handler{
      .on_element = [&](std::size_t index,
                        JsonValue&& value) { return reader.take_entry(index, value); },
      .on_member = [&](const std::string& name,
                       JsonValue&& value) { return reader.take_member(name, value); },
      .on_array = [&] { reader.begin_files(); },
  };
  return stream_json(object, "files", handler);
}

}  // namespace

std::optional<std::size_t> Manifest::find(std::string_view path) const {
  const auto entry = std::ranges::find(entries, path, &ManifestEntry::path);
  if (entry == entries.end() || !entry->is_sound) return std::nullopt;
  return static_cast<std::size_t>(entry - entries.begin());
}

std::optional<Manifest> read_manifest(int folder, Hasher& hasher, Progress& progress,
                                      FindingList& findings) {
  Manifest manifest;
  if (!read_manifest_into(manifest, folder, hasher, progress, findings, {})) return std::nullopt;
  return manifest;
}

bool read_manifest_into(Manifest& manifest, int folder, Hasher& hasher, Progress& progress,
                        FindingList& findings, const EntryTaker& on_entry) {
  const auto fail = [&](Finding finding) {
    findings.add(kManifestRank, std::move(finding));
    return false;
  };
  auto opened = open_bundle_file(folder, std::string(kManifestName));
  if (const auto* problem = std::get_if<FileProblem>(&opened)) return fail(open_finding(*problem));
  const OpenFile& file = std::get<OpenFile>(opened);
  if (file.identity.size > kMaxManifestBytes) {
    return fail({"manifest.size", std::string(kManifestName),
                 "the manifest has " + std::to_string(file.identity.size) +
                     " bytes, and 512 MiB is the most; split the evidence into several bundles"});
  }
  FileReader bytes(file, &hasher, progress);
  Reader reader(manifest, findings, file.identity.size, on_entry);
  if (auto read = stream_manifest(bytes, reader); !read) {
    if (read.error().code == ErrorCode::cancelled) return false;
    return fail(read_finding(read.error()));
  }
  const auto unchanged = bytes.is_unchanged();
  if (!unchanged) return fail(read_finding(unchanged.error()));
  if (!*unchanged) {
    return fail({"manifest.changed", std::string(kManifestName),
                 "the manifest changed while it was read; let nothing write to the bundle, and "
                 "verify again"});
  }
  reader.finish();
  manifest.file = {std::string(kManifestName), hasher.finish(), file.identity};
  return true;
}

}  // namespace cavra
