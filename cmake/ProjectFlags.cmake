# One INTERFACE target carries every flag; nothing touches CMAKE_C_FLAGS.
include(CheckCCompilerFlag)
add_library(project_flags INTERFACE)
add_library(rescue::flags ALIAS project_flags)
target_compile_features(project_flags INTERFACE c_std_17)
target_include_directories(project_flags INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_definitions(project_flags INTERFACE _GNU_SOURCE _FILE_OFFSET_BITS=64)
set(_both -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-qual -Wcast-align
  -Wformat=2 -Wimplicit-fallthrough -Wmissing-prototypes -Wmissing-declarations -Wstrict-prototypes
  -Wold-style-definition -Wredundant-decls -Wnested-externs -Wundef -Wvla -Walloca -Wwrite-strings
  -Wpointer-arith -Wdouble-promotion -Wfloat-equal -Wswitch-enum -Wdate-time
  -Wunused-macros -Wbad-function-cast -Wunused-result -Wframe-larger-than=16384
  -Werror=implicit-function-declaration -Werror=int-conversion -Werror=incompatible-pointer-types -Werror=return-type)
set(_gcc -Wcast-align=strict -Wformat-signedness -Wformat-overflow=2 -Wduplicated-cond
  -Wduplicated-branches -Wlogical-op -Wjump-misses-init -Warith-conversion -Walloc-zero -Wstringop-overflow=4
  -Warray-bounds=2 -Wshift-overflow=2 -Wstrict-aliasing=2 -Wtrampolines -Wunused-const-variable=2 -Wsuggest-attribute=format)
set(_clang -Wmissing-variable-declarations -Wshorten-64-to-32 -Wconditional-uninitialized -Wcomma -Wassign-enum
  -Wextra-semi-stmt -Wimplicit-int-conversion -Wheader-guard -Wunreachable-code)
set(_hard -fno-common -fstack-protector-strong -fstack-clash-protection -fcf-protection -fstrict-flex-arrays=3)
set(_want ${_both})
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  list(APPEND _want ${_gcc})
elseif(CMAKE_C_COMPILER_ID MATCHES "Clang")
  list(APPEND _want ${_clang})
endif()
foreach(_f IN LISTS _want _hard)
  string(MAKE_C_IDENTIFIER "HAVE${_f}" _v)
  check_c_compiler_flag("${_f}" ${_v})
  if(${_v})
    target_compile_options(project_flags INTERFACE "${_f}")
  endif()
endforeach()
target_compile_options(project_flags INTERFACE
  "-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=" "-ffile-prefix-map=${PROJECT_SOURCE_DIR}/="
  $<$<CONFIG:Debug>:-Og>)
# With full inlining gcc warns of values that a checked result says are there, and of texts that are cut on purpose; clang
# and the Debug build still look.
target_compile_options(project_flags INTERFACE $<$<CONFIG:Debug>:-Wnull-dereference>)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  target_compile_options(project_flags INTERFACE
    "$<IF:$<CONFIG:Debug>,-Wformat-truncation=2,-Wno-format-truncation;-Wno-maybe-uninitialized>")
endif()
if(NOT RESCUE_SANITIZE) # the sanitizers watch the plain calls, not the fortified ones
  target_compile_options(project_flags INTERFACE $<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:-D_FORTIFY_SOURCE=2>)
endif()
target_link_options(project_flags INTERFACE -Wl,-z,relro,-z,now -Wl,--as-needed -Wl,--no-undefined)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(RESCUE_WERROR)
  set(CMAKE_COMPILE_WARNING_AS_ERROR ON)
endif()
