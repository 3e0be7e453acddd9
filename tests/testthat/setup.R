Sys.setenv(TF_CPP_MIN_LOG_LEVEL = "3", TF_ENABLE_ONEDNN_OPTS = "0")
# What a session reads of a library is kept for later ones, but not for those of the user.
withr::local_envvar(
  R_USER_CACHE_DIR = withr::local_tempdir(.local_envir = teardown_env()), .local_envir = teardown_env()
)
