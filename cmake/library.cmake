# The library that embedders install: libplimsoll.so and libplimsoll.a, their headers, a CMake package and a pkg-config
# file. It is made of the same objects as the program, but never of GLPK (GPL-3); CBC is in it where the build has it.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(library_parts plimsoll_support plimsoll_flow plimsoll_mip plimsoll_lp plimsoll_knapsack plimsoll_packing
                  plimsoll_planner plimsoll_c plimsoll_backends_without_glpk_objects)
# What an archive cannot carry along: the libraries that its user links, by name.
set(library_needs yaml-cpp z)
if(TARGET plimsoll_cbc)
  list(APPEND library_parts plimsoll_cbc)
  list(APPEND library_needs CbcSolver Cbc Cgl OsiClp Osi)
endif()
if(PLIMSOLL_HAS_CLP OR TARGET plimsoll_cbc)
  list(APPEND library_needs Clp CoinUtils)
endif()
set(library_objects "")
foreach(part ${library_parts})
  list(APPEND library_objects $<TARGET_OBJECTS:${part}>)
endforeach()

add_library(plimsoll_shared SHARED ${library_objects})
add_library(plimsoll_static STATIC ${library_objects})
foreach(library plimsoll_shared plimsoll_static)
  set_target_properties(${library} PROPERTIES OUTPUT_NAME plimsoll LINKER_LANGUAGE CXX)
  target_include_directories(${library} INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                                  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_features(${library} INTERFACE cxx_std_20)
endforeach()
# Before 1.0 every minor version may break the ABI, so it is part of the soname.
set_target_properties(plimsoll_shared PROPERTIES
  EXPORT_NAME plimsoll VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
  LINK_DEPENDS ${PROJECT_SOURCE_DIR}/cmake/exports.map)
set_target_properties(plimsoll_static PROPERTIES EXPORT_NAME static)
target_link_libraries(plimsoll_shared PRIVATE ${library_needs} Threads::Threads)
target_link_options(plimsoll_shared PRIVATE LINKER:--version-script=${PROJECT_SOURCE_DIR}/cmake/exports.map LINKER:--as-needed)
target_link_libraries(plimsoll_static INTERFACE ${library_needs} Threads::Threads)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/plimsoll)
install(TARGETS plimsoll_shared plimsoll_static EXPORT plimsollTargets)
install(TARGETS plimsoll)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT plimsollTargets NAMESPACE plimsoll:: DESTINATION ${package})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/plimsollConfig.cmake.in plimsollConfig.cmake
                              INSTALL_DESTINATION ${package})
write_basic_package_version_file(plimsollConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/plimsollConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/plimsollConfigVersion.cmake
        DESTINATION ${package})

# -lplimsoll means the shared library where both are, so that the archive has a package of its own: plimsoll-static.
list(TRANSFORM library_needs PREPEND -l OUTPUT_VARIABLE needed_libraries)
list(JOIN needed_libraries " " needed_libraries)
set(needed_libraries "${needed_libraries} -pthread -lstdc++ -lm")
file(RELATIVE_PATH pc_to_prefix /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" pc_to_prefix "${pc_to_prefix}")
function(write_pkg_config_file pc_name pc_which pc_libraries pc_private_libraries)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/plimsoll.pc.in ${pc_name}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${pc_name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()
write_pkg_config_file(plimsoll "" "-L\${libdir} -lplimsoll" "${needed_libraries}")
write_pkg_config_file(plimsoll-static " (archive)" "\${libdir}/libplimsoll.a ${needed_libraries}" "")
