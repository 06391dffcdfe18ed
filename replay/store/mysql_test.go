package store

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"asof/replay"
	"asof/replay/store/storetest"
	"asof/replay/store/testdb"
)

// A myDatabase is a database for one test.
type myDatabase struct{ *testdb.MySQL }

// newMyDatabase creates a database on the server in ASOF_TEST_MYSQL, which .ci/mariadb.sh
// starts.
func newMyDatabase(t testing.TB) *myDatabase {
	t.Helper()
	return &myDatabase{testdb.NewMySQL(t, os.Getenv("ASOF_TEST_MYSQL"))}
}

func (db *myDatabase) open(o Options) replay.Reader {
	db.Helper()
	r, err := Open(context.Background(), db.DSN, o)
	if err != nil {
		db.Fatal(err)
	}
	db.Cleanup(func() { r.Close() })
	return r
}

// conforms holds the database to the suite.
func (db *myDatabase) conforms(t *testing.T, want []replay.Event, o Options) {
	t.Helper()
	storetest.Run(t, storetest.Config{
		Name: "conformance", Want: want, Sample: storetest.Sample,
		Open: func(ctx context.Context, _ string) (replay.Reader, error) {
			o := o
			o.Map = maps.Clone(o.Map)
			return Open(ctx, db.DSN, o)
		},
	})
}

// myTables are tables of one layout whose columns have other types. In all of them but the
// last, text has an order in which a and A are one.
var myTables = []struct{ name, columns string }{
	{"text", `pos bigint AUTO_INCREMENT PRIMARY KEY, stream varchar(200) NOT NULL, category varchar(40), version int NOT NULL, id char(36), type varchar(40),
		revision smallint, time datetime(6), actor varchar(40), corr varchar(40), caus varchar(40), data longtext, meta json, KEY(stream, version)`},
	{"numbers without a sign, and bytes", `pos bigint unsigned AUTO_INCREMENT PRIMARY KEY, stream varbinary(200) NOT NULL, category enum('cart', 'other'), version bigint unsigned NOT NULL, id char(36),
		type varchar(40), revision tinyint unsigned, time timestamp(3) NULL, actor varchar(40), corr varchar(40), caus varchar(40), data longblob, meta blob, UNIQUE(stream, version)`},
	{"several character sets, and no index", `pos decimal(20) PRIMARY KEY, stream varchar(200) CHARACTER SET utf16, category varchar(40) CHARACTER SET latin1, version decimal(10), id char(36) CHARACTER SET ascii,
		type varchar(40) CHARACTER SET latin1, revision decimal(5), time varchar(40), actor varchar(40), corr varchar(40), caus varchar(40), data text, meta text`},
	{"binary collations", `pos int PRIMARY KEY, stream varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, category varchar(40), version int, id uuid,
		type varchar(40), revision int, time datetime, actor varchar(40), corr varchar(40), caus varchar(40), data json, meta json, KEY(stream)`},
}

const myMapping = "stream=stream,category=category,version=version,position=pos,id=id,type=type,revision=revision,time=time,actor=actor,correlation=corr,causation=caus,data=data,meta=meta"

func myOptions(name, mapping string) Options {
	o := Options{Table: name, Map: map[string]string{}}
	for _, pair := range strings.Split(mapping, ",") {
		field, to, _ := strings.Cut(pair, "=")
		o.Map[field] = to
	}
	return o
}

// myHistory has streams that differ in case and in spaces at the end.
func myHistory(n int) []replay.Event {
	out := history(n)
	for i := range out {
		switch e := &out[i]; e.Stream {
		case "cart":
			e.Stream = "Cart-1"
		case "a:b":
			e.Stream = "cart-1 "
		}
	}
	return out
}

func (db *myDatabase) fill(columns string, all []replay.Event) {
	db.Helper()
	db.Must("CREATE TABLE log(" + columns + ")")
	for i := range all {
		e := &all[i]
		db.Must("INSERT INTO log VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)", int64(e.Position), string(e.Stream), e.Category, int64(e.Version), e.ID, e.Type,
			e.Revision, e.Time.Format("2006-01-02 15:04:05"), orNil(e.Meta.Actor), orNil(e.Meta.Correlation), orNil(e.Meta.Causation), string(e.Data), string(e.Meta.Raw))
	}
}

// TestMyTablesConform runs the suite on tables of every type of column.
func TestMyTablesConform(t *testing.T) {
	for _, c := range myTables {
		t.Run(c.name, func(t *testing.T) {
			db := newMyDatabase(t)
			all := myHistory(80)
			db.Must("SET time_zone = '+00:00'")
			db.fill(c.columns, all)
			if strings.Contains(c.columns, "stream varbinary") {
				for i := range all {
					all[i].Stream = replay.StreamID(fmt.Sprintf("%x", string(all[i].Stream)))
				}
			}
			db.conforms(t, all, myOptions("log", myMapping))
		})
	}
}

func TestMyFormsOfMappingsConform(t *testing.T) {
	db := newMyDatabase(t)
	db.Must("SET sql_mode = 'ANSI_QUOTES'")
	db.Must(strings.ReplaceAll(formsDDL, "amount NUMERIC", "amount DECIMAL(20,10)"))
	all := formsHistory(60)
	for i := range all {
		row := formsRow(&all[i])
		db.Must("INSERT INTO ev VALUES("+strings.Repeat("?,", len(row)-1)+"?)", row...)
	}
	for _, f := range forms {
		t.Run(f.name, func(t *testing.T) {
			db.conforms(t, sortedFor(f.history(all), f.ordered), f.options())
		})
	}
}

func TestMyQueriesConform(t *testing.T) {
	db := newMyDatabase(t)
	db.Must(queryStreams)
	db.Must(queryEvents)
	all := formsHistory(60)
	run := func(table string) func(...any) error {
		return func(args ...any) error {
			return db.Run(t.Context(), "INSERT INTO "+table+" VALUES("+strings.Repeat("?,", len(args)-1)+"?)", args...)
		}
	}
	if err := queryRows(all, run("s"), run("ev")); err != nil {
		t.Fatal(err)
	}
	for _, q := range queries {
		t.Run(q.name, func(t *testing.T) {
			db.conforms(t, sortedFor(queryWant(all, q.want), q.ordered), Options{Query: q.sql, Map: q.mapping})
		})
	}
}

func TestMyCountedVersions(t *testing.T) {
	db := newMyDatabase(t)
	db.Must("CREATE TABLE e(s text)")
	checkCounted(t, func(o Options) replay.Reader { return db.open(o) })
}

func TestMyStreamsThatACompositeCantBe(t *testing.T) {
	db := newMyDatabase(t)
	db.Must(composite)
	db.Must(compositeRows)
	checkCompositeStreams(t, db.open(compositeOptions))
}

// TestMyShards runs the suite on shards made by the server, and compares them with shards
// made by filtering all events.
func TestMyShards(t *testing.T) {
	db := newMyDatabase(t)
	all := myHistory(60)
	db.fill(myTables[2].columns, all)
	for i := 1; i <= 2; i++ {
		shard := replay.Shard{Index: i, Of: 2}
		storetest.Run(t, storetest.Config{
			Name: fmt.Sprint(shard), Sample: storetest.Sample,
			Want: slices.DeleteFunc(slices.Clone(all), func(e replay.Event) bool { return !shard.Has(e.Stream) }),
			Open: func(ctx context.Context, _ string) (replay.Reader, error) {
				r, err := Open(ctx, db.DSN, myOptions("log", myMapping))
				if err != nil {
					return nil, err
				}
				return replay.Sharded(r, shard), nil
			},
		})
	}
}
