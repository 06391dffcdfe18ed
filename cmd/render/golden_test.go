package render

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files again")

func render(t testing.TB, a answer, o Options) []byte {
	t.Helper()
	var out bytes.Buffer
	p := New(&out, o)
	if err := a.print(t, p); err != nil {
		t.Fatal(err)
	}
	if err := p.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestGolden compares what is printed with files that are there to be read by
// people: go test ./cmd/render -update writes them.
func TestGolden(t *testing.T) {
	zone := time.FixedZone("", 3600)
	forms := []struct {
		name string
		o    Options
	}{
		{"pipe.txt", Options{Zone: zone, Guessed: true}},
		{"80.txt", Options{Zone: zone, Width: 80, Guessed: true}},
		{"120.txt", Options{Zone: zone, Width: 120, Guessed: true}},
		{"80.ansi", Options{Zone: zone, Width: 80, Color: true, Guessed: true}},
	}
	for _, f := range forms {
		for _, a := range answers() {
			name := fmt.Sprintf("%s.%s", a.name, f.name)
			t.Run(name, func(t *testing.T) {
				got := render(t, a, f.o)
				file := filepath.Join("testdata", name)
				if *update {
					if err := os.WriteFile(file, got, 0o666); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, want) {
					t.Errorf("%s differs; got:\n%s", file, got)
				}
			})
		}
	}
}
