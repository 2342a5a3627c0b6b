@rem The command line of the package: its own Node runs its own bundle.
@"%~dp0..\node.exe" --disable-warning=ExperimentalWarning "%~dp0..\twinslot.mjs" %*
