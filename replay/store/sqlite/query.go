package sqlite

import (
	"errors"
	"strings"

	"zombiezen.com/go/sqlite"

	"asof/replay/store/table"
)

// Query describes the rows of SQL as a table. The database is open for reading only, so
// whatever the SQL says it can't write.
func (p *Probe) Query(sql string) (*table.Table, error) {
	if err := addFunctions(p.conn); err != nil {
		return nil, err
	}
	stmt, rest, err := p.prepareQuery(sql)
	if sqlite.ErrCode(err).ToPrimary() == sqlite.ResultAuth {
		return nil, table.NoSelect()
	}
	if err != nil {
		return nil, queryFault(sql, err)
	}
	parameters := stmt.BindParamCount()
	written := map[string]bool{}
	for i := range stmt.ColumnCount() {
		written[stmt.ColumnName(i)] = true
	}
	stmt.Finalize() //nolint:errcheck // it did not run
	one, err := table.OneStatement(sql, sql[len(sql)-rest:])
	if err != nil {
		return nil, err
	}
	if parameters > 0 {
		return nil, table.HasParameters()
	}
	t := &table.Table{Name: table.QueryName, WithoutRowID: true, Source: p.Rows(one)}
	stmt, _, err = p.conn.PrepareTransient("SELECT * FROM " + t.Source)
	if err != nil {
		return nil, table.NoSelect()
	}
	defer stmt.Finalize() //nolint:errcheck // it did not run
	columns := make([]string, stmt.ColumnCount())
	for i := range columns {
		name := stmt.ColumnName(i)
		t.Cols = append(t.Cols, table.Column{Name: name})
		if at := strings.LastIndexByte(name, ':'); at > 0 && !written[name] { // SQLite renamed it
			name = name[:at]
		}
		columns[i] = name
	}
	t.Named(columns)
	return t, nil
}

// prepareQuery prepares SQL, but refuses what reaches beyond the rows of the database: other
// files, transactions, and setting pragmas, some of which change the connection or the
// process while they are prepared. It does not refuse all writes, because virtual tables
// prepare statements of their own, which also write; the database is open for reading only.
func (p *Probe) prepareQuery(sql string) (*sqlite.Stmt, int, error) {
	only := sqlite.AuthorizeFunc(func(a sqlite.Action) sqlite.AuthResult {
		switch a.Type() {
		case sqlite.OpAttach, sqlite.OpDetach, sqlite.OpTransaction, sqlite.OpSavepoint, sqlite.OpCreateVTable, sqlite.OpDropVTable:
			return sqlite.AuthResultDeny
		case sqlite.OpPragma:
			if a.PragmaArg() != "" {
				return sqlite.AuthResultDeny
			}
		}
		return sqlite.AuthResultOK
	})
	if err := p.conn.SetAuthorizer(only); err != nil {
		return nil, 0, err
	}
	stmt, rest, err := p.conn.PrepareTransient(sql)
	if undone := p.conn.SetAuthorizer(nil); err == nil {
		err = undone
	}
	return stmt, rest, err
}

// queryFault says what SQLite finds wrong, and where.
func queryFault(sql string, err error) error {
	at, ok := sqlite.ErrorOffset(err)
	if !ok {
		at = -1
	}
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return table.QueryError(strings.TrimPrefix(err.Error(), sqlite.ResultError.Message()+": "), sql, at)
}
