# Tests with real files and real peers: fixtures, corpus, end to end.
find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)

# Real files, unpacked once for every test that says FIXTURES_REQUIRED fixtures.
set(RESCUE_FIXTURES ${CMAKE_CURRENT_BINARY_DIR}/fixtures)
add_test(NAME fixtures.unpack COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/fixtures/unpack ${RESCUE_FIXTURES} "*")
set_tests_properties(fixtures.unpack PROPERTIES LABELS "fixtures" TIMEOUT 60 FIXTURES_SETUP fixtures)

# End to end with real etcds; names come from the harness itself.
set(e2e ${CMAKE_CURRENT_SOURCE_DIR}/e2e/e2e)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/e2e/restore.py
             ${CMAKE_CURRENT_SOURCE_DIR}/e2e/said.py ${CMAKE_CURRENT_SOURCE_DIR}/e2e/k3s.py
             ${CMAKE_CURRENT_SOURCE_DIR}/e2e/flips.py)
execute_process(COMMAND ${Python3_EXECUTABLE} -B ${e2e} --list OUTPUT_VARIABLE names OUTPUT_STRIP_TRAILING_WHITESPACE
                COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\n" ";" names "${names}")
if(NOT DEFINED ENV{RESCUE_SAMPLES}) # third-party files, for those who have them
  list(FILTER names EXCLUDE REGEX "^real-")
endif()
foreach(name IN LISTS names)
  add_test(NAME e2e.${name} COMMAND ${Python3_EXECUTABLE} -B ${e2e} $<TARGET_FILE:etcd-rescue> ${name})
  set_tests_properties(e2e.${name} PROPERTIES LABELS "e2e" TIMEOUT 180 SKIP_RETURN_CODE 77)
endforeach()

# What the bulk builder writes, judged by bbolt.
add_executable(bolt_random peers/bolt_random.c)
target_link_libraries(bolt_random PRIVATE boltdb rescue::flags)
add_test(NAME peers.bolt_build COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/peers/bolt-build $<TARGET_FILE:bolt_random>)
set_tests_properties(peers.bolt_build PROPERTIES LABELS "e2e" TIMEOUT 180 SKIP_RETURN_CODE 77)

# 150 damages of one snapshot, bad places, kills; its own table and closing line.
add_test(NAME corpus.run COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/corpus/run $<TARGET_FILE:etcd-rescue>)
set_tests_properties(corpus.run PROPERTIES LABELS "corpus;slow" TIMEOUT 900 COST 100)
