set(CAVRA_PLUGIN_MAP ${CMAKE_CURRENT_LIST_DIR}/cavra_plugin.map)

# The host loads no file that others than its owner may write, whatever the umask is here.
function(cavra_protect_plugin target)
  add_custom_command(TARGET ${target} POST_BUILD COMMAND chmod go-w $<TARGET_FILE:${target}>)
endfunction()

# cavra_add_plugin(NAME SOURCES file… [LIBRARIES target…])
#
# Makes the storage plugin cavra-NAME.so: it exports cavra_plugin_get alone, leaves nothing
# undefined, and has no RPATH. It lands in lib/cavra/plugins, in build and install: there `cavra`
# looks for its built-in ones. The package cavra-sdk has this function too.
function(cavra_add_plugin name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
  set(target cavra-plugin-${name})
  add_library(${target} MODULE ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE cavra::sdk ${arg_LIBRARIES})
  if(TARGET cavra::warnings) # ours; others have their own
    target_link_libraries(${target} PRIVATE cavra::warnings)
  endif()
  set_target_properties(
    ${target}
    PROPERTIES PREFIX ""
               OUTPUT_NAME cavra-${name}
               C_VISIBILITY_PRESET hidden
               CXX_VISIBILITY_PRESET hidden
               VISIBILITY_INLINES_HIDDEN ON
               SKIP_BUILD_RPATH ON
               INSTALL_RPATH ""
               LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/${CAVRA_PLUGIN_FOLDER})
  target_link_options(${target} PRIVATE -Wl,--exclude-libs,ALL
                      -Wl,--version-script=${CAVRA_PLUGIN_MAP})
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${CAVRA_PLUGIN_MAP})
  if(NOT CAVRA_SANITIZE)
    target_link_options(${target} PRIVATE -Wl,--no-undefined)
  endif()
  cavra_protect_plugin(${target})
  install(TARGETS ${target} LIBRARY DESTINATION ${CAVRA_PLUGIN_FOLDER} COMPONENT plugin-${name})
endfunction()
