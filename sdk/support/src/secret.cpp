#include "cavra/support/secret.hpp"
