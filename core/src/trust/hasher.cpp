#include "cavra/hasher.hpp"
