# find_package(cavra-sdk): cavra::sdk, and cavra_add_plugin(NAME SOURCES file…).
include(${CMAKE_CURRENT_LIST_DIR}/cavra-sdk-targets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/cavra_add_plugin.cmake)

# Below the prefix that `cavra` is installed to, this is where it looks for built-in plugins.
if(NOT DEFINED CAVRA_PLUGIN_FOLDER)
  set(CAVRA_PLUGIN_FOLDER lib/cavra/plugins)
endif()
