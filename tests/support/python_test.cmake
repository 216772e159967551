# photinus_python_test(NAME SCRIPT [LABELS ...] [ARGS ...]): a Python test that runs Photinus' programs.
function(photinus_python_test NAME SCRIPT)
  cmake_parse_arguments(ARG "" "TIMEOUT" "LABELS;ARGS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT ${PHOTINUS_TEST_SECONDS})
  endif()
  add_test(NAME ${NAME} COMMAND ${PHOTINUS_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/${SCRIPT} ${ARG_ARGS})
  set_tests_properties(${NAME} PROPERTIES
    LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT} SKIP_RETURN_CODE 77
    ENVIRONMENT "PYTHONPATH=${CMAKE_SOURCE_DIR}/tests/support;PYTHONDONTWRITEBYTECODE=1;PHOTINUS_BIN=${CMAKE_BINARY_DIR}/bin;PHOTINUS_DESCRIPTORS=${CMAKE_BINARY_DIR}/proto/photinus.descriptors")
endfunction()
