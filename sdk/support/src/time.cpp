#include "cavra/support/time.hpp"
