if(RESCUE_SANITIZE)
  target_compile_options(project_flags INTERFACE -fsanitize=${RESCUE_SANITIZE} -fno-omit-frame-pointer -fno-optimize-sibling-calls -fno-sanitize-recover=all -g)
  target_link_options(project_flags INTERFACE -fsanitize=${RESCUE_SANITIZE})
endif()
