//go:build !unix

package cmd

// runAgain does nothing: this system can't replace a process.
func runAgain([]string, string) {}
