// Stylesheets are imported for esbuild, which bundles them.
declare module "*.css";
