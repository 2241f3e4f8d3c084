/* true: the smallest program, for what is measured around it. */
int main(void)
{
	return 0;
}
