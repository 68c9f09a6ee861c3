int cavra_test_dependency(void);
int cavra_test_dependency(void) {
  return 0;
}
