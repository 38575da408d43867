# SPDX-License-Identifier: BSL-1.0
mkdir 'some where'
echo 'int from_b(); int main(int argc, char**) { return from_b() + argc; }' >'some where/a.cpp'
echo 'int from_b() { return 10; }' >'some where/b.cpp'
call "$goro" run 'some where/a.cpp' 'some where/b.cpp' x y
expect_status 13

cd 'some where'
ln -s "$goro" link
call ./link run "$PWD/a.cpp" b.cpp
expect_status 11
cp b.cpp ./-b.cpp
call "$goro" run a.cpp ./-b.cpp
expect_status 11
