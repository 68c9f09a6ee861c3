#include "cavra/json.hpp"
