//go:build !unix

package cmd

// runAgain does nothing: a process can't be replaced here.
func runAgain([]string, string) {}
