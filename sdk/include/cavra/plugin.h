/* The CAVRA plugin contract, version 0.1: C11, and it may change until 1.0.
 *
 * A plugin is one shared library. The host loads it, asks it for its interfaces by name, and calls
 * the tables that it gives. This header is all that both sides share. docs/plugin-abi.md has the
 * duties with numbers and the test of each.
 *
 * The rules:
 *
 *  1. Flat C11. Fixed-width integers, size_t, pointers, structs. No bit-field, union, bool, long,
 *     enum-typed field, errno or FILE.
 *  2. Size first. Each struct begins with `uint32_t size`, the sizeof that its maker was compiled
 *     with, set by whoever allocates it. Reader and writer touch a field only if `size` covers it
 *     (CAVRA_COVERS); nobody else changes `size`. Who allocates a struct for results zeroes the
 *     rest, so that a field that an older writer does not know is 0. `reserved` is 0 and not read.
 *     cavra_str alone is frozen and has no size. Arrays of structs are arrays of pointers, so that
 *     neither side needs the other's sizeof.
 *  3. Nothing is thrown across, either way, and every call returns a cavra_status; the close calls
 *     cannot fail and return nothing. A plugin does not end the process, write to its standard
 *     streams, or change what belongs to all of it: signal handlers, locale, umask, working
 *     directory, environment.
 *  4. Text is UTF-8 with a length, never NUL-terminated. Null with length 0 is empty. Text in
 *     fixed arrays has its length beside it. What a plugin gives has no control characters, and at
 *     most CAVRA_MAX_TEXT_BYTES where nothing else is said.
 *  5. Ownership. Arguments are lent until the call returns; neither side keeps a pointer past it,
 *     but for the log of an opening, which is lent until the store's close(). Who made a thing
 *     frees it, by a named call; free() never crosses the line. What describe() gives is lent by
 *     the store until its close().
 *  6. Results are written through pointers that the caller owns; on failure they are not read.
 *  7. Errors. `cavra_error *` belongs to the caller, has room for the text inside, and may be null.
 *     What counts is the status returned; `code` repeats it. Messages never hold a secret.
 *  8. Threads. A store may be called from any thread; a session by one thread at a time, not
 *     always the same one. No thread of a plugin outlives its store's close(), with two
 *     exceptions: one that keeps a privilege for later openings, which blocks all signals, and
 *     waits; and one in the system's name resolution (getaddrinfo) whose call was given up, which
 *     ends by itself and touches nothing of the store or the host. A plugin may give up
 *     privileges (Linux capabilities) of each thread that calls it, for good. The host's callbacks
 *     (source, sinks, is_cancelled) are called only during the call that lent them; only
 *     is_cancelled may be called from other threads than the call's own. A log may be written to
 *     from any thread until the store's close() returns, or its open() fails.
 *  9. Growth. Fields are appended, never reordered or reused; a changed meaning is a new interface
 *     name ("…/2"). Status numbers never move. A null or uncovered optional entry of a table is
 *     "not supported"; a missing required one refuses the plugin, by name.
 * 10. Nothing is taken away. There is no delete, no overwrite, no shortening of a lock, and a
 * plugin never asks its service for one, nor for a bypass of retention. The one exception is the
 *     table cavra.storage.destructive_test/1. clear_hold is the one weakening act.
 * 11. Cancelling. During a call the plugin asks is_cancelled at least every 250 ms and looks at
 *     the deadline; then it leaves the object absent or whole and returns CAVRA_E_CANCELLED or
 *     CAVRA_E_TIMEOUT.
 */
#ifndef CAVRA_PLUGIN_H
#define CAVRA_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* While major is 0, host and plugin must have the same minor; from 1 on, the same major. */
#define CAVRA_ABI_MAJOR 0u
#define CAVRA_ABI_MINOR 1u

#if defined(_WIN32)
#error "CAVRA plugins are ELF shared libraries"
#else
#define CAVRA_EXPORT __attribute__((visibility("default")))
#endif

/* ---- status and errors -------------------------------------------------------------------- */

typedef int32_t cavra_status;

#define CAVRA_OK 0
#define CAVRA_E_CORRUPT 10     /* checked, and wrong */
#define CAVRA_E_USAGE 20       /* settings or arguments */
#define CAVRA_E_UNSUPPORTED 21 /* this plugin or service cannot do it */
#define CAVRA_E_IO 30          /* machine, network or store failed */
#define CAVRA_E_TIMEOUT 31     /* the call's deadline has passed */
#define CAVRA_E_UNAVAILABLE 32 /* the store says: later */
#define CAVRA_E_INTERNAL 33    /* a bug in the plugin */
#define CAVRA_E_REFUSED 40     /* the store's policy or state says no */
#define CAVRA_E_CONFLICT 41    /* other bytes are there under this key */
#define CAVRA_E_FORBIDDEN 42   /* a right is missing: the message names it */
#define CAVRA_E_UNPROVEN 50    /* taken, and the lock could not be shown */
#define CAVRA_E_CANCELLED 60   /* is_cancelled said so */
#define CAVRA_E_NOT_FOUND 70   /* no such object or version */

/* Whether the struct of that type that p points to has the field: see rule 2. */
#define CAVRA_COVERS(type, p, field) ((p)->size >= offsetof(type, field) + sizeof((p)->field))

#define CAVRA_MAX_TEXT_BYTES 4096u

/* Lent text: see rule 4. Frozen. */
typedef struct cavra_str {
  const char* data;
  size_t len;
} cavra_str;

/* Filled by the failing side. `message` is one line for a person: what was tried, on what, what
 * came back, what to do. `detail` is for a bug report (a service's answer, say). */
typedef struct cavra_error {
  uint32_t size;
  cavra_status code;    /* as returned */
  uint32_t retryable;   /* 1: trying the same again later may help */
  int32_t http_status;  /* 0: none */
  uint32_t message_len; /* bytes used in message */
  uint32_t detail_len;  /* bytes used in detail */
  char message[512];
  char detail[2048];
} cavra_error;

/* What every call on a session gets. */
typedef struct cavra_call {
  uint32_t size;
  uint32_t reserved;             /* 0 */
  int64_t deadline_monotonic_ms; /* CLOCK_MONOTONIC in milliseconds; 0: none */
  void* ctx;
  /* 1 once the work should stop. Cheap; callable from any thread during the call. */
  uint32_t (*is_cancelled)(void* ctx);
} cavra_call;

/* ---- locks --------------------------------------------------------------------------------- */

/* Weakest to strongest: a larger number is at least as strong. */
#define CAVRA_MODE_NONE 0u        /* nothing keeps it */
#define CAVRA_MODE_ADVISORY 10u   /* asks to be left alone */
#define CAVRA_MODE_GOVERNANCE 20u /* some privilege can lift it */
#define CAVRA_MODE_COMPLIANCE 30u /* nobody can */

/* No date, in every field that is one: also where an older side knows no such field. */
#define CAVRA_NO_DATE INT64_C(0)

typedef struct cavra_lock {
  uint32_t size;
  uint32_t mode;               /* CAVRA_MODE_… */
  int64_t retain_until_unix_s; /* whole seconds since 1970, UTC; CAVRA_NO_DATE */
  uint32_t legal_hold;         /* 0 or 1 */
  uint32_t reserved;           /* 0 */
} cavra_lock;

/* ---- opening ------------------------------------------------------------------------------- */

typedef struct cavra_store cavra_store;     /* the plugin's */
typedef struct cavra_session cavra_session; /* the plugin's */

/* Takes what helps to find a fault: requests, answers, how long they took. For people; the host
 * makes nothing of it. */
typedef struct cavra_log {
  uint32_t size;
  uint32_t reserved;
  void* ctx;
  /* One line, without its break. What cannot be seen is escaped, and what is longer than
   * CAVRA_MAX_TEXT_BYTES is cut, by the host. Never a secret: no password, key, token, nor a
   * signature that somebody else could use. Cannot fail. */
  void (*write)(void* ctx, cavra_str line);
} cavra_log;

typedef struct cavra_open_request {
  uint32_t size;
  uint32_t max_sessions;     /* sessions that the host will hold at once, at least 1; more only
                                where store_info.sessions_wanted asks for more */
  cavra_str settings_json;   /* one JSON object that the host checked against the schema */
  cavra_str base_folder;     /* absolute path that relative paths in settings start from */
  uint64_t max_buffer_bytes; /* all buffers of that many sessions together; where it asks for more
                                sessions, each one more has as much as each of these */
  const cavra_call* call;    /* for open() itself, which may have to ask for credentials */
  const cavra_log* log;      /* null: nobody listens, so that no line need be made; see rule 8 */
  /* Absolute path of a folder that is this store's alone, for hints that make a later opening
   * faster: the plugin makes it (0700) and its parents when it first has one. Losing it costs time
   * alone, never an object or a proof, and what another user could have written there is not
   * believed. More than one opening and process may use it at once. The host never looks into it
   * nor cleans it up: the plugin bounds what it keeps, and people may remove it while nothing runs.
   * Empty: there is none. */
  cavra_str state_folder;
} cavra_open_request;

/* ---- objects ------------------------------------------------------------------------------- */

#define CAVRA_MAX_KEY_BYTES 1024u
#define CAVRA_MAX_VERSION_BYTES 1024u
#define CAVRA_MAX_CURSOR_BYTES 2048u

/* The bytes of one object, from the host. The host hashes what it hands out. */
typedef struct cavra_source {
  uint32_t size;
  uint32_t reserved;
  uint64_t length; /* bytes in all, the same as the request's */
  void* ctx;
  /* Copies bytes [offset, offset + length) into buffer; *got is less than length only at the end.
   * First reads ascend from 0 without gaps. What was read may be read again, in any order and
   * between first reads, also after finish(), for a retry or to send what was only hashed before:
   * it gives the same bytes, or fails where they have changed. A read that leaves a gap or starts
   * beyond the end is CAVRA_E_USAGE. On failure the put ends and returns this status. On the thread
   * of the call alone. */
  cavra_status (*read_at)(void* ctx, uint64_t offset, void* buffer, size_t length, size_t* got);
  /* The host's verdict, once all bytes have been read, though not sent: called once, before the
   * object becomes complete. A plugin whose service completes an object with its last byte holds
   * that back until then. Anything but CAVRA_OK: leave the object absent, and return that status.
   * An object that is there already needs neither reading nor finish(). */
  cavra_status (*finish)(void* ctx);
} cavra_source;

typedef struct cavra_put_request {
  uint32_t size;
  uint32_t reserved;
  cavra_str key; /* 1 to CAVRA_MAX_KEY_BYTES bytes; parts between '/' are never empty, ".", ".." */
  uint64_t length;
  uint8_t sha256[32];   /* what the host expects the bytes to have */
  cavra_str media_type; /* "application/json" */
  cavra_str
      metadata_json; /* one object of strings, at most 1 KiB: for people who look at the store */
  const cavra_lock* lock; /* the lock wanted */
  /* What the keys of this object's archive begin with, ending in '/': whoever has to look at what
   * is there may list all of it once. Empty: the object is of no archive, or the host is older. */
  cavra_str archive_prefix;
} cavra_put_request;

#define CAVRA_PUT_CREATED 1u
#define CAVRA_PUT_ALREADY_PRESENT 2u

typedef struct cavra_put_result {
  uint32_t size;
  uint32_t outcome;        /* CAVRA_PUT_… */
  uint32_t digest_checked; /* 1: the store itself compared the SHA-256 */
  uint32_t version_len;    /* 0 where the store has no versions */
  char version[CAVRA_MAX_VERSION_BYTES];
} cavra_put_result;

#define CAVRA_LATEST_UNKNOWN 2u

/* What the store itself answers, now, about one object version. */
typedef struct cavra_object_info {
  uint32_t size;
  uint32_t has_sha256; /* 1: sha256 is the store's own digest of the stored bytes */
  uint64_t length;
  uint8_t sha256[32];
  int64_t stored_at_unix_s; /* the store's time of the object; CAVRA_NO_DATE: unknown */
  uint32_t mode;            /* the lock as it is in force */
  uint32_t legal_hold;
  int64_t retain_until_unix_s; /* CAVRA_NO_DATE: none */
  uint32_t is_latest;          /* 1; 0: another version or a delete marker lies above;
                                  CAVRA_LATEST_UNKNOWN: only a listing tells, as list() does */
  uint32_t is_complete;        /* 0: present but not yet locked as its put asked */
  uint32_t version_len;
  uint32_t reserved;
  char version[CAVRA_MAX_VERSION_BYTES];
} cavra_object_info;

/* Takes bytes from the plugin; anything but CAVRA_OK ends the call with that status. */
typedef struct cavra_sink {
  uint32_t size;
  uint32_t reserved;
  void* ctx;
  cavra_status (*write)(void* ctx, const void* data, size_t length);
} cavra_sink;

#define CAVRA_ENTRY_OBJECT 1u
#define CAVRA_ENTRY_DELETE_MARKER 2u
#define CAVRA_ENTRY_INCOMPLETE_UPLOAD 3u

typedef struct cavra_list_entry {
  uint32_t size;
  uint32_t kind; /* CAVRA_ENTRY_… */
  cavra_str key;
  cavra_str version;
  uint64_t length;
  int64_t stored_at_unix_s; /* CAVRA_NO_DATE: unknown */
  uint32_t is_latest;       /* 1; 0: another version or a delete marker lies above */
  uint32_t reserved;
} cavra_list_entry;

typedef struct cavra_list_sink {
  uint32_t size;
  uint32_t reserved;
  void* ctx;
  cavra_status (*entry)(void* ctx, const cavra_list_entry* entry);
} cavra_list_sink;

/* Where a listing goes on. Empty at the start; empty again once all has been told. Only the plugin
 * reads the bytes in it; the host gives them back to any session of the same store. */
typedef struct cavra_list_cursor {
  uint32_t size;
  uint32_t text_len;
  char text[CAVRA_MAX_CURSOR_BYTES];
} cavra_list_cursor;

/* ---- what a store is ------------------------------------------------------------------------ */

/* A right of the service that a setting needs: "s3:PutObjectRetention", "CAP_LINUX_IMMUTABLE". */
typedef struct cavra_right {
  uint32_t size;
  uint32_t reserved;
  cavra_str name;
  cavra_str needed_for; /* "put", "raise_lock", "hold", "read" */
  cavra_str reason;     /* one line for a person */
} cavra_right;

#define CAVRA_STORE_HAS_VERSIONS 1u
#define CAVRA_STORE_HAS_LEGAL_HOLD 2u
#define CAVRA_STORE_CHECKS_SHA256 4u /* object_info.sha256 is the store's own */
#define CAVRA_STORE_NO_DOT_ENDS 8u   /* takes no key of which a part between slashes ends in '.' */

/* What the settings make of it; no request to the service. Lent until close(). */
typedef struct cavra_store_info {
  uint32_t size;
  uint32_t flags;       /* CAVRA_STORE_… */
  cavra_str location;   /* where it is, for people and receipts; no secret */
  cavra_str identity;   /* the same for one store for ever (a UUID, an ARN); empty: none, or none
                           before the first object */
  cavra_str key_prefix; /* all keys that the host gives begin with it and a slash; or empty */
  uint32_t mode;        /* the mode that a put asks for: the configured one */
  uint32_t max_key_part_bytes; /* longest part between slashes; 0: no own limit */
  uint32_t max_key_bytes;      /* 0: CAVRA_MAX_KEY_BYTES */
  uint32_t rights_count;
  const cavra_right* const* rights;
  int64_t
      last_retain_until_unix_s;  /* the latest date that it can hold; CAVRA_NO_DATE: none known */
  int64_t longest_retention_s;   /* from now; 0: no limit known */
  uint64_t largest_object_bytes; /* 0: no limit known */
  cavra_str strength;            /* one line: who can still lift this lock, plainly */
  /* How many sessions at once it does best with: a service far away waits more than it works. The
   * host holds so many where nobody told it another number, and may hold fewer. 0: as the host
   * likes. */
  uint32_t sessions_wanted;
  uint32_t reserved; /* 0 */
} cavra_store_info;

#define CAVRA_PROBE_OK 1u      /* as it should be */
#define CAVRA_PROBE_MISSING 2u /* an archive would fail: the host refuses early */
#define CAVRA_PROBE_EXCESS 3u  /* more right than this user should have */
#define CAVRA_PROBE_UNKNOWN 4u /* could not be found out */
#define CAVRA_PROBE_NOTE 5u    /* worth knowing */

typedef struct cavra_probe_item {
  uint32_t size;
  uint32_t verdict;  /* CAVRA_PROBE_… */
  cavra_str name;    /* "filesystem.flags", "s3:PutObject" */
  cavra_str message; /* what was found, and what to do */
  /* What the store's own rule locks every new object for at least, in seconds: a default or minimum
   * retention, a policy. Whoever puts a trial object is told before. 0: none known. */
  int64_t least_retention_s;
} cavra_probe_item;

typedef struct cavra_probe_sink {
  uint32_t size;
  uint32_t reserved;
  void* ctx;
  cavra_status (*item)(void* ctx, const cavra_probe_item* item);
} cavra_probe_sink;

/* ---- "cavra.storage/1" ---------------------------------------------------------------------- */

#define CAVRA_STORAGE_V1 "cavra.storage/1"

typedef struct cavra_storage_v1 {
  uint32_t size;
  uint32_t reserved;

  /* Opens one store; changes nothing in it. The host may open the same store more than once, to
   * have one opening prove what another has put. *out is the caller's until close().
   * USAGE (settings), IO, UNAVAILABLE, REFUSED, FORBIDDEN. */
  cavra_status (*open)(const cavra_open_request* request, cavra_store** out, cavra_error* err);
  /* Null is allowed. All sessions of the store are closed before. */
  void (*close)(cavra_store* store);
  /* Fills *info, whose size the caller set. Texts are lent until close(). Any thread. */
  cavra_status (*describe)(cavra_store* store, cavra_store_info* info, cavra_error* err);

  /* One session a worker; *out is the caller's until session_close(). No request to the service.
   * Any thread. */
  cavra_status (*session_open)(cavra_store* store, cavra_session** out, cavra_error* err);
  void (*session_close)(cavra_session* session);

  /* Writes one object, create-only, under request->lock; durable when it returns.
   * The same bytes are there: CAVRA_OK, already_present, with the version that has them, whatever
   * other versions or delete markers lie above it; an object that a dead writer left present but
   * unlocked is completed. A weaker lock on it is left for raise_lock. Other bytes: CONFLICT,
   * and nothing has changed. OK claims nothing about proof: the host asks again with stat().
   * CONFLICT, REFUSED, FORBIDDEN, IO, TIMEOUT, UNAVAILABLE, CANCELLED, or the source's status. */
  cavra_status (*put)(cavra_session* session, const cavra_call* call,
                      const cavra_put_request* request, const cavra_source* source,
                      cavra_put_result* result, cavra_error* err);

  /* Asks the store itself, now: never answered from what an earlier call sent or saw. An empty
   * version is the latest. NOT_FOUND, FORBIDDEN, IO, … */
  cavra_status (*stat)(cavra_session* session, const cavra_call* call, cavra_str key,
                       cavra_str version, cavra_object_info* info, cavra_error* err);

  /* Streams the stored bytes from `offset` to the end, read from the store itself (a file system
   * drops its page cache first). NOT_FOUND, FORBIDDEN, IO, …, or the sink's status. */
  cavra_status (*get)(cavra_session* session, const cavra_call* call, cavra_str key,
                      cavra_str version, uint64_t offset, const cavra_sink* sink, cavra_error* err);

  /* Tells at most `limit` entries under `prefix` (a plain string prefix) and moves *cursor: all
   * versions and delete markers in byte order of keys, and among them or after them incomplete
   * uploads, in the same order. What was there throughout is told once. Foreign objects are told
   * too; names that can be no key (not UTF-8, too long) are left out. A call that says there are
   * more, by its cursor, has told at least one entry: pages of the service that are empty, or of
   * which nothing is left, are gone through within the call. */
  cavra_status (*list)(cavra_session* session, const cavra_call* call, cavra_str prefix,
                       uint32_t limit, cavra_list_cursor* cursor, const cavra_list_sink* sink,
                       cavra_error* err);

  /* Makes mode and date at least those of `lock`, and sets the hold where `lock` has one; what is
   * stronger already stays. Never weakens. REFUSED, FORBIDDEN, NOT_FOUND, IO, … */
  cavra_status (*raise_lock)(cavra_session* session, const cavra_call* call, cavra_str key,
                             cavra_str version, const cavra_lock* lock, cavra_error* err);

  /* Optional, both or none: legal holds. Set or clear again is CAVRA_OK. */
  cavra_status (*set_hold)(cavra_session* session, const cavra_call* call, cavra_str key,
                           cavra_str version, cavra_error* err);
  cavra_status (*clear_hold)(cavra_session* session, const cavra_call* call, cavra_str key,
                             cavra_str version, cavra_error* err);

  /* Tells rights and WORM state as they are now, and leaves nothing behind. */
  cavra_status (*probe)(cavra_session* session, const cavra_call* call,
                        const cavra_probe_sink* sink, cavra_error* err);

  /* Optional: no more objects will come under this prefix, which ends in '/'. Safe to repeat. */
  cavra_status (*seal)(cavra_session* session, const cavra_call* call, cavra_str prefix,
                       cavra_error* err);

  /* Optional: stat() and get() from 0 of one version in one, for a store that tells its state with
   * the bytes: it saves a request an object. Under both their duties; *info is filled where it
   * returns OK. */
  cavra_status (*read)(cavra_session* session, const cavra_call* call, cavra_str key,
                       cavra_str version, const cavra_sink* sink, cavra_object_info* info,
                       cavra_error* err);
} cavra_storage_v1;

/* ---- "cavra.storage.batch/1", optional ------------------------------------------------------- */

#define CAVRA_STORAGE_BATCH_V1 "cavra.storage.batch/1"

/* One object of put_many(). */
typedef struct cavra_put_item {
  uint32_t size;
  cavra_status status; /* the plugin's, as put() returns it */
  const cavra_put_request* request;
  const cavra_source* source;
  cavra_put_result* result;
  cavra_error* err; /* may be null */
} cavra_put_item;

/* Many small objects made durable at once. An object put here may be absent after a power failure
 * until barrier() has returned OK; it is never half there. */
typedef struct cavra_storage_batch_v1 {
  uint32_t size;
  uint32_t max_objects; /* most that one put_many takes, at least 1 */
  /* As put() for each of `count` objects, whose status it sets. The call itself fails only where
   * no object could be tried. */
  cavra_status (*put_many)(cavra_session* session, const cavra_call* call,
                           cavra_put_item* const* items, size_t count, cavra_error* err);
  /* Makes durable and locked all that this session has put. */
  cavra_status (*barrier)(cavra_session* session, const cavra_call* call, cavra_error* err);
} cavra_storage_batch_v1;

/* ---- "cavra.storage.destructive_test/1", optional -------------------------------------------- */

#define CAVRA_STORAGE_DESTRUCTIVE_TEST_V1 "cavra.storage.destructive_test/1"

#define CAVRA_ATTEMPT_DELETE 1u
#define CAVRA_ATTEMPT_OVERWRITE 2u
#define CAVRA_ATTEMPT_SHORTEN 3u
#define CAVRA_ATTEMPT_CLEAR 4u

#define CAVRA_ATTEMPT_REFUSED_BY_LOCK 1u   /* the store refused because of the lock: as it must */
#define CAVRA_ATTEMPT_REFUSED_BY_RIGHTS 2u /* refused for want of a right: shows nothing */
#define CAVRA_ATTEMPT_SUCCEEDED 3u         /* the lock does not hold */

/* Tries to break the lock of one object that the host put for this. The plugin refuses (REFUSED)
 * every key outside "<key_prefix>/cavra-probe/". */
typedef struct cavra_storage_destructive_test_v1 {
  uint32_t size;
  uint32_t reserved;
  /* OK with CAVRA_ATTEMPT_REFUSED_… or _SUCCEEDED in *outcome; the rest could not be tried. */
  cavra_status (*attempt)(cavra_session* session, const cavra_call* call, uint32_t act,
                          cavra_str key, cavra_str version, uint32_t* outcome, cavra_error* err);
} cavra_storage_destructive_test_v1;

/* Kept for later versions of this header: "cavra.hasher/1", "cavra.signer/1",
 * "cavra.trust_roots/1". A host of this version asks for none of them. */

/* ---- the plugin ------------------------------------------------------------------------------ */

typedef struct cavra_interface {
  uint32_t size;
  uint32_t reserved;
  cavra_str name;    /* CAVRA_STORAGE_V1, … */
  const void* table; /* the struct of that interface; static */
} cavra_interface;

typedef struct cavra_plugin {
  uint32_t size;
  uint32_t abi_major; /* CAVRA_ABI_MAJOR as the plugin was compiled */
  uint32_t abi_minor;
  uint32_t interface_count;
  cavra_str id;      /* reverse-DNS: "org.example.tape" */
  cavra_str version; /* semver */
  cavra_str vendor;
  cavra_str licence;         /* SPDX expression */
  cavra_str settings_schema; /* JSON schema, draft-04; the top is an object; at most 1 MiB */
  const cavra_interface* const* interfaces;
} cavra_plugin;

/* The one exported symbol. Static data; null where the plugin cannot serve this major version.
 * Called once, before anything else; must not start threads or touch files. */
CAVRA_EXPORT const cavra_plugin* cavra_plugin_get(uint32_t abi_major);
typedef const cavra_plugin* (*cavra_plugin_get_fn)(uint32_t abi_major);
#define CAVRA_PLUGIN_SYMBOL "cavra_plugin_get"

#ifdef __cplusplus
}
#endif

#endif /* CAVRA_PLUGIN_H */
