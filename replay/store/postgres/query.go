package postgres

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"asof/replay/store/table"
)

// Query describes the rows of SQL as a table. The transaction is READ ONLY, so the
// server itself refuses to write whatever the SQL says.
func (p *Probe) Query(sql string) (*table.Table, error) {
	conn := p.session.conn
	whole, err := conn.Prepare(p.ctx, "", sql, nil)
	if err != nil {
		return nil, p.queryFault(sql, err)
	}
	if len(whole.ParamOIDs) > 0 {
		return nil, table.HasParameters()
	}
	one, err := table.OneStatement(sql, "")
	if err != nil {
		return nil, err
	}
	t := &table.Table{Name: table.QueryName, WithoutRowID: true, Source: p.Rows(one)}
	d, err := conn.Prepare(p.ctx, "", "SELECT * FROM "+t.Source, nil)
	if err != nil {
		return nil, table.NoSelect()
	}
	var oids, columns []string
	for _, f := range d.Fields {
		columns = append(columns, f.Name)
		t.Cols = append(t.Cols, table.Column{Name: f.Name})
		oids = append(oids, fmt.Sprint(f.DataTypeOID))
	}
	t.Named(columns)
	types, err := p.Texts("SELECT format_type(u.oid, NULL) FROM unnest('{" + strings.Join(oids, ",") + "}'::oid[]) WITH ORDINALITY AS u(oid, n) ORDER BY n")
	for i := range types {
		t.Cols[i].Type = types[i]
	}
	return t, err
}

// queryFault says what the server finds wrong, and where.
func (p *Probe) queryFault(sql string, err error) error {
	var pe *pgconn.PgError
	if !errors.As(err, &pe) {
		return err
	}
	says := p.session.scrub(pe.Message)
	if pe.Code == "42601" && strings.Contains(pe.Message, "multiple commands") {
		_, err := table.OneStatement(sql+sql, sql)
		return err
	}
	at := -1
	if pe.Position > 0 { // in characters, from 1
		if runes := []rune(sql); int(pe.Position)-1 <= len(runes) {
			at = len(string(runes[:pe.Position-1]))
		}
	}
	return table.QueryError(says, sql, at)
}
