#include "cavra/support/encoding.hpp"
