@rem What `exec` is to a POSIX shell, for the scripts of package.json in cmd.exe: decision 31.
@%*
