// Command asof is git's log, diff, blame and bisect for an event store.
package main

import (
	"os"

	"asof/cmd"
)

func main() { os.Exit(cmd.Main()) }
