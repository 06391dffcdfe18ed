package cmd

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"asof/fixtures/testmain"
	"asof/replay/store/testdb"
)

// A keyType is a type of a column, and how a statement writes the key of a stream there.
type keyType struct {
	column string
	write  func(id string) string
	forms  []string // of streams that such a column can hold, by name in keyIDs
}

func quotedKey(id string) string { return "'" + id + "'" }
func bareKey(id string) string   { return id }

// uuidBytes writes the bytes of a UUID between two texts.
func uuidBytes(before, after string) func(string) string {
	return func(id string) string { return before + strings.ReplaceAll(id, "-", "") + after }
}

// keyIDs are streams, in each form in which a store may write them.
var keyIDs = map[string]func(*rand.Rand) string{
	"name":    func(r *rand.Rand) string { return fmt.Sprintf("k%d", r.IntN(50)) },
	"integer": func(r *rand.Rand) string { return fmt.Sprint(r.IntN(2000) - 500) },
	"decimal": func(r *rand.Rand) string {
		text := fmt.Sprintf("%.2f", float64(r.IntN(400_000)-100_000)/100)
		return strings.TrimRight(strings.TrimRight(text, "0"), ".")
	},
	"scaled": func(r *rand.Rand) string { return fmt.Sprintf("%.2f", float64(r.IntN(400_000)-100_000)/100) },
	"uuid":   randomUUID,
	"UUID":   func(r *rand.Rand) string { return strings.ToUpper(randomUUID(r)) },
}

func randomUUID(r *rand.Rand) string {
	var b [16]byte
	for i := range b {
		b[i] = byte(r.IntN(256))
	}
	d := hex.EncodeToString(b[:])
	return d[:8] + "-" + d[8:12] + "-" + d[12:16] + "-" + d[16:20] + "-" + d[20:]
}

var (
	numberForms = []string{"integer", "decimal", "scaled"}
	uuidForms   = []string{"uuid", "UUID"}
)

// TestDriftKeys compares read models whose key column has each type with stores that write
// their streams in each form. A key meets the stream that is the same value, in every order.
func TestDriftKeys(t *testing.T) {
	t.Parallel()
	upper := func(id string) string { return quotedKey(strings.ToUpper(id)) }
	lower := func(id string) string { return quotedKey(strings.ToLower(id)) }
	mixed := func(id string) string { // some in one case, and some in the other
		if id[0] < '8' {
			return upper(id)
		}
		return lower(id)
	}
	t.Run("sqlite", func(t *testing.T) {
		dir := t.TempDir()
		driftKeys(t, dir, []keyType{
			{"TEXT", quotedKey, []string{"name", "integer", "decimal", "scaled", "uuid", "UUID"}},
			{"INTEGER", bareKey, []string{"integer"}},
			{"REAL", bareKey, numberForms},
			{"NUMERIC", bareKey, numberForms},
			{"TEXT COLLATE NOCASE", upper, uuidForms},
			{"VARCHAR(40)", lower, uuidForms},
			{"TEXT", mixed, uuidForms},
			{"BLOB", uuidBytes("x'", "'"), uuidForms},
		}, func(file string, statements []string) string {
			testdb.Build(t, filepath.Join(dir, file), nil, statements...)
			return file
		})
	})
	t.Run("postgres", func(t *testing.T) {
		db := testdb.New(t, os.Getenv("ASOF_TEST_POSTGRES"))
		driftKeys(t, t.TempDir(), []keyType{
			{"text", quotedKey, []string{"name", "integer", "decimal", "scaled", "uuid", "UUID"}},
			{"bigint", bareKey, []string{"integer"}},
			{"numeric(10,2)", bareKey, numberForms},
			{"numeric", bareKey, numberForms},
			{"double precision", bareKey, numberForms},
			{"money", func(id string) string { return "(" + id + ")::numeric::money" }, numberForms},
			{"uuid", quotedKey, uuidForms},
			{"varchar(40)", upper, uuidForms},
			{"text", mixed, uuidForms},
			{"bytea", uuidBytes(`'\x`, `'`), uuidForms},
		}, func(_ string, statements []string) string {
			for _, sql := range append([]string{"DROP TABLE IF EXISTS keyed"}, statements...) {
				if err := db.Run(t.Context(), sql); err != nil {
					t.Fatal(sql, err)
				}
			}
			return db.DSN
		})
	})
	t.Run("mysql", func(t *testing.T) {
		db := testdb.NewMySQL(t, os.Getenv("ASOF_TEST_MYSQL"))
		driftKeys(t, t.TempDir(), []keyType{
			{"varchar(40)", quotedKey, []string{"name", "integer", "uuid", "UUID"}},
			{"bigint", bareKey, []string{"integer"}},
			{"decimal(10,2)", bareKey, numberForms},
			{"double", bareKey, numberForms},
			{"varchar(40)", mixed, uuidForms},
			{"binary(16)", uuidBytes("x'", "'"), uuidForms},
		}, func(_ string, statements []string) string {
			db.Must("DROP TABLE IF EXISTS keyed")
			for _, sql := range statements {
				db.Must(sql)
			}
			return db.DSN
		})
	})
}

// driftKeys compares a read model of each type, which build makes, with streams in each form.
// One row is wrong, one is missing and one is extra.
func driftKeys(t *testing.T, dir string, types []keyType, build func(file string, statements []string) string) {
	t.Helper()
	seed := testmain.Seed(t)
	for n, typ := range types {
		for m, form := range typ.forms {
			for _, prefix := range []string{"", "cart-"} {
				r := rand.New(rand.NewPCG(seed, uint64(100*n+m)))
				ids := map[string]bool{}
				for len(ids) < 24 {
					ids[keyIDs[form](r)] = true
				}
				events, statements := "", []string{"CREATE TABLE keyed(id " + typ.column + ", v INT)"}
				sorted := slices.Sorted(func(yield func(string) bool) {
					for id := range ids {
						if !yield(id) {
							return
						}
					}
				})
				for i, id := range sorted {
					if i > 0 { // the first has a row and no stream
						events += fmt.Sprintf(`{"stream":%q,"version":1,"position":%d,"type":"T","data":{"v":%d}}`+"\n", prefix+id, i, i)
					}
					if i < len(sorted)-1 { // the last has a stream and no row
						statements = append(statements, fmt.Sprintf("INSERT INTO keyed VALUES (%s, %d)", typ.write(id), i+max(0, 9-i)/9))
					}
				}
				r.Shuffle(len(statements)-1, func(i, j int) { statements[i+1], statements[j+1] = statements[j+1], statements[i+1] })
				file := fmt.Sprintf("%d-%d%s.sqlite", n, m, prefix)
				if err := os.WriteFile(filepath.Join(dir, "ev.ndjson"), []byte(events), 0o600); err != nil {
					t.Fatal(err)
				}
				key := "id"
				if prefix != "" {
					key += "=" + prefix + "*"
				}
				out, _ := runHere(dir, []string{"drift", "ev.ndjson", "--fold", "merge", "--against", build(file, statements), "--table", "keyed", "--key", key, "--map", "v=/v", "--json"})
				if want := `"rows":{"extra":1,"failed":0,"identical":22,"keyless":0,"missing":1,"modified":0,"repeated":0}`; !strings.Contains(out, want) {
					t.Errorf("RAPID_SEED=%d: %s with streams as %s and %q in front:\n%.600s", seed, typ.column, form, prefix, out)
				}
			}
		}
	}
}
