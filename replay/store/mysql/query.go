package mysql

import (
	"context"
	"database/sql/driver"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/go-sql-driver/mysql"

	"asof/replay/store/table"
)

// Query describes the rows of SQL as a table. The server prepares the SQL, and runs it only
// within a SELECT, in a transaction that is READ ONLY.
func (p *Probe) Query(sql string) (*table.Table, error) {
	s := p.session
	stmt, err := s.conn.(driver.ConnPrepareContext).PrepareContext(p.ctx, sql)
	if err != nil {
		return nil, s.queryFault(sql, err)
	}
	parameters := stmt.NumInput()
	if err := stmt.Close(); err != nil {
		return nil, err
	}
	if parameters > 0 {
		return nil, table.HasParameters()
	}
	one, err := table.OneStatement(sql, "")
	if err != nil {
		return nil, err
	}
	if locks().MatchString(bare(sql)) {
		return nil, errors.New("the query locks rows, and this connection only reads: leave out FOR UPDATE, FOR SHARE and LOCK IN SHARE MODE")
	}
	t := &table.Table{Name: table.QueryName, WithoutRowID: true, Source: p.Rows(one)}
	r, err := s.start(p.ctx, "SELECT * FROM "+t.Source+" LIMIT 0", nil)
	if err != nil {
		var me *mysql.MySQLError
		if errors.As(err, &me) && me.Number == syntaxError {
			return nil, table.NoSelect()
		}
		return nil, s.queryFault(sql, err)
	}
	defer r.Close()
	for i, name := range r.names {
		typ := strings.ToLower(r.types[i])
		if bare, ok := strings.CutPrefix(typ, "unsigned "); ok {
			typ = bare + " unsigned"
		}
		t.Cols = append(t.Cols, table.Column{Name: name, Type: typ})
	}
	return t, nil
}

// locks matches what makes a SELECT lock rows, which a transaction that is READ ONLY may do.
var locks = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(?:LOCK\s+IN\s+SHARE\s+MODE|FOR\s+(?:UPDATE|SHARE))\b`)
})

// noCode matches what is no SQL in a query: text, names in quotes and comments, except
// those that the server runs.
var noCode = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile("(?s)'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`|/\\*(?:[^!M].*?)?\\*/|(?:-- |#)[^\n]*")
})

// bare returns SQL with nothing but its code.
func bare(sql string) string {
	return runComment().ReplaceAllString(noCode().ReplaceAllString(sql, " "), " ")
}

// runComment matches the ends of a comment that the server runs.
var runComment = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`/\*M?![0-9]*|\*/`) })

// syntaxError is the number of the server's error of that name.
const syntaxError = 1064

// near matches where the server's parser stopped.
var near = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?s)near '(.*)' at line (\d+)$`) })

// whereIn returns where in the SQL its parser stopped, in bytes, or -1.
func whereIn(sql, message string) int {
	m := near().FindStringSubmatch(message)
	if m == nil {
		return -1
	}
	line, err := strconv.Atoi(m[2])
	if err != nil {
		return -1
	}
	if m[1] == "" {
		return len(sql)
	}
	from := 0
	for ; line > 1; line-- {
		next := strings.IndexByte(sql[from:], '\n')
		if next < 0 {
			break
		}
		from += next + 1
	}
	if i := strings.Index(sql[from:], m[1]); i >= 0 {
		return from + i
	}
	return -1
}

// endsStatement reports whether SQL ends with a semicolon.
func endsStatement(sql string) bool { return strings.HasSuffix(strings.TrimSpace(sql), ";") }

var errNoDatabase = errors.New("the connection string names no database")

// databases returns the databases that the user may see.
func (s *session) databases(ctx context.Context) ([]string, error) {
	return s.Texts(ctx, `SELECT schema_name FROM information_schema.schemata
		WHERE schema_name NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys') ORDER BY schema_name`)
}
