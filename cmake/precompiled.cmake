# The standard headers that most files include, parsed once for each way of compiling: about a third
# of the time of a build. Each file still includes what it uses: the debug preset is without this.
option(CAVRA_PRECOMPILE "Parse the standard headers once" ON)

set(CAVRA_PRECOMPILED <algorithm> <array> <chrono> <filesystem> <fstream> <functional> <iostream>
                      <map> <memory> <optional> <span> <string> <string_view> <vector>)

# cavra_precompile(TARGET FAMILY [HEADER…]): targets of one family are compiled with the same
# options; the first of them parses, and has no definition that another one lacks.
function(cavra_precompile target family)
  if(NOT CAVRA_PRECOMPILE)
    return()
  endif()
  # From a precompiled header g++ 12 tells what it imagines to see in the library's own inlined
  # strings (GCC bug 105651); builds without it have all warnings.
  target_compile_options(${target} PRIVATE -Wno-array-bounds -Wno-maybe-uninitialized
                                           -Wno-stringop-overflow -Wno-stringop-overread)
  get_property(first GLOBAL PROPERTY cavra_precompiled_${family})
  if(first)
    target_precompile_headers(${target} REUSE_FROM ${first})
  else()
    target_precompile_headers(${target} PRIVATE ${CAVRA_PRECOMPILED} ${ARGN})
    set_property(GLOBAL PROPERTY cavra_precompiled_${family} ${target})
  endif()
endfunction()
