package store

import (
	"context"
	"errors"
	"strings"
	"testing"

	"asof/replay"
)

// TestBadDSN checks that errors do not contain the password, and that nothing waits for an
// absent server.
func TestBadDSN(t *testing.T) {
	t.Setenv("PGPASSFILE", "/nonexistent")
	for dsn, want := range map[string]string{
		"postgres://user:hunter22@127.0.0.1:1/db":                         "can't be reached: ",
		"postgres://127.0.0.1:1/db?password=hunter22":                     "can't be reached: ",
		"host=127.0.0.1 port=1 user=u password=hunter22":                  "can't be reached: ",
		"postgres://user:hunter22@h:notaport/db":                          "bad port",
		"postgres://user:hunter22@h/db?sslmode=whatever":                  "bad sslmode",
		"postgres://user:a@hunter22@127.0.0.1:1/db":                       "has an @ in it",
		"postgres://user:1/hunter22@127.0.0.1:1/db":                       "has a /, ? or # in it",
		"keepalives=1 host=127.0.0.1 port=1 password=hunter22":            "can't be reached: ",
		"amqp://user:hunter22@127.0.0.1:1/db":                             "does not open URLs of this kind",
		"postgres://user:hunter22@[::1/db":                                "the connection string is invalid",
		"postgres://user:hunter22%zz@h/db":                                "the connection string is invalid",
		"host=127.0.0.1 password='hunter22":                               "the connection string is invalid",
		"postgres://user:hunter22@127.0.0.1:1/db?sslrootcert=/no/such/ca": "",
	} {
		r, err := Open(context.Background(), dsn, Options{})
		if err == nil {
			r.Close()
			t.Fatalf("%s was opened", dsn)
		}
		var se *replay.StoreError
		if !errors.As(err, &se) {
			t.Fatalf("%s: %T", dsn, err)
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", dsn, err, want)
		}
		if strings.Contains(err.Error()+se.Next.String()+se.Path, "hunter22") {
			t.Errorf("the password is in %q, hint %q", err, se.Next)
		}
	}
}
