// Command asof is git's log, diff, blame and bisect for an event store.
package main

import (
	"os"
	_ "time/tzdata" // so that zones are known where the system has none

	"asof/cmd"
)

func main() { os.Exit(cmd.Main()) }
