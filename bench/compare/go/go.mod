module go_compare

go 1.23
