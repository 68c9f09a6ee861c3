/* cavra/plugin.h as C11, and the layout that plugins of version 0.1 were compiled with. */
#include "cavra/plugin.h"

#define HAS_SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), #type)
#define HAS_AT(type, field, offset) _Static_assert(offsetof(type, field) == (offset), #type #field)

HAS_SIZE(cavra_str, 16);
HAS_SIZE(cavra_error, 2584);
HAS_AT(cavra_error, message, 24);
HAS_AT(cavra_error, detail, 536);
HAS_SIZE(cavra_call, 32);
HAS_SIZE(cavra_lock, 24);
HAS_AT(cavra_lock, retain_until_unix_s, 8);
HAS_SIZE(cavra_log, 24);
HAS_AT(cavra_log, write, 16);
HAS_SIZE(cavra_open_request, 80);
HAS_AT(cavra_open_request, call, 48);
HAS_AT(cavra_open_request, log, 56);
HAS_AT(cavra_open_request, state_folder, 64);
HAS_SIZE(cavra_source, 40);
HAS_AT(cavra_source, finish, 32);
HAS_SIZE(cavra_put_request, 120);
HAS_AT(cavra_put_request, sha256, 32);
HAS_AT(cavra_put_request, lock, 96);
HAS_AT(cavra_put_request, archive_prefix, 104);
HAS_SIZE(cavra_put_result, 1040);
HAS_AT(cavra_put_result, version, 16);
HAS_SIZE(cavra_object_info, 1112);
HAS_AT(cavra_object_info, sha256, 16);
HAS_AT(cavra_object_info, retain_until_unix_s, 64);
HAS_AT(cavra_object_info, version, 88);
HAS_SIZE(cavra_sink, 24);
HAS_SIZE(cavra_list_entry, 64);
HAS_SIZE(cavra_list_sink, 24);
HAS_SIZE(cavra_list_cursor, 2056);
HAS_SIZE(cavra_right, 56);
HAS_SIZE(cavra_store_info, 128);
HAS_AT(cavra_store_info, rights, 72);
HAS_AT(cavra_store_info, strength, 104);
HAS_AT(cavra_store_info, sessions_wanted, 120);
HAS_SIZE(cavra_probe_item, 48);
HAS_AT(cavra_probe_item, least_retention_s, 40);
HAS_SIZE(cavra_probe_sink, 24);
HAS_SIZE(cavra_storage_v1, 128);
HAS_AT(cavra_storage_v1, put, 48);
HAS_AT(cavra_storage_v1, seal, 112);
HAS_AT(cavra_storage_v1, read, 120);
HAS_SIZE(cavra_put_item, 40);
HAS_SIZE(cavra_storage_batch_v1, 24);
HAS_SIZE(cavra_storage_destructive_test_v1, 16);
HAS_SIZE(cavra_interface, 32);
HAS_SIZE(cavra_plugin, 104);
HAS_AT(cavra_plugin, interfaces, 96);

/* CAVRA_COVERS in C. */
int cavra_test_covers(const cavra_storage_v1* table);
int cavra_test_covers(const cavra_storage_v1* table) {
  return CAVRA_COVERS(cavra_storage_v1, table, read) && table->read != 0;
}
