package state

import (
	"fmt"
	"os"
	"reflect"
	"testing"
)

// TestMain holds the rest that nodes share to being read only.
func TestMain(m *testing.M) {
	code := m.Run()
	if !reflect.ValueOf(*nothing).IsZero() {
		fmt.Println("the rest of nodes that have none was written:", *nothing)
		code = 1
	}
	os.Exit(code)
}
