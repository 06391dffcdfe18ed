package mine_test

import (
	"os"
	"testing"

	"asof/fixtures/testmain"
)

// TestMain fails if goroutines outlive the tests.
func TestMain(m *testing.M) { os.Exit(testmain.Run(m)) }
