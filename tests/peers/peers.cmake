# Tests with real files and real peers: fixtures, corpus, end to end.
find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)

# Real files, unpacked once for every test that says FIXTURES_REQUIRED fixtures.
set(RESCUE_FIXTURES ${CMAKE_CURRENT_BINARY_DIR}/fixtures)
add_test(NAME fixtures.unpack COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/fixtures/unpack ${RESCUE_FIXTURES} "*")
set_tests_properties(fixtures.unpack PROPERTIES LABELS "fixtures" TIMEOUT 60 FIXTURES_SETUP fixtures)
