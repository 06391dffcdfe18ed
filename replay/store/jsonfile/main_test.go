package jsonfile

import (
	"os"
	"testing"

	"asof/fixtures/testmain"
)

// TestMain finds goroutines that outlive the tests.
func TestMain(m *testing.M) { os.Exit(testmain.Run(m)) }
