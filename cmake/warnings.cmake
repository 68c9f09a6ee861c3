# cavra::warnings: what every target of this project is compiled with.
add_library(cavra_warnings INTERFACE)
add_library(cavra::warnings ALIAS cavra_warnings)
target_compile_options(
  cavra_warnings
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Wconversion
            -Wshadow
            $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast>
            $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
            # g++ 12 sees overlaps in `"text" + string` that are not there (GCC bug 105651).
            -Wno-restrict
            $<$<BOOL:${CAVRA_WERROR}>:-Werror>)

# Hardening that costs little, and the sanitizers of the presets, for every target alike.
add_compile_options(-fstack-protector-strong)
add_link_options(-Wl,-z,relro,-z,now)
if(CAVRA_SANITIZE)
  add_compile_options(-fsanitize=${CAVRA_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  # RapidJSON hides flags in the upper bits of a pointer, so that the leak check takes what is still
  # pointed to for lost.
  add_compile_definitions(RAPIDJSON_48BITPOINTER_OPTIMIZATION=0)
  add_link_options(-fsanitize=${CAVRA_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_definitions(_FORTIFY_SOURCE=2 _GLIBCXX_ASSERTIONS)
endif()
