// cavra/plugin.h as C++20, alone.
#include "cavra/plugin.h"

static_assert(CAVRA_OK == 0 && CAVRA_NO_DATE == 0);
static_assert(sizeof(cavra_storage_v1) == 128);
