module go_compare

go 1.23

require golang.org/x/sync v0.11.0
